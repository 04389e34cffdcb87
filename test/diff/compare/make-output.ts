import type { Json, JsonObject } from "../../../lib/diff/json";
import type {
  ArtifactOutput,
  ResourceOutput,
  StackOutput,
  SynthesizedOutput,
} from "../../../lib/diff/output";

export interface MadeStack {
  /** By address. */
  readonly resources?: Readonly<Record<string, JsonObject>>;
  readonly settings?: JsonObject;
  /** Construct paths by address; `<stack>/<logical id>` where none is given. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** An output as the reader would give it; an artifact that is a string is text. */
export function makeOutput(
  stacks: Readonly<Record<string, MadeStack>>,
  artifacts: Readonly<Record<string, Json>> = {},
): SynthesizedOutput {
  return {
    stacks: new Map(Object.entries(stacks).map(([name, stack]) => [name, makeStack(name, stack)])),
    artifacts: new Map(Object.entries(artifacts).map(([path, content]) => [path, makeArtifact(content)])),
  };
}

function makeStack(name: string, { resources = {}, settings = {}, paths = {} }: MadeStack): StackOutput {
  const made = Object.entries(resources).map(([address, values]): [string, ResourceOutput] => {
    const [id = "", type = ""] = address.split(".").reverse();
    return [address, { address, type, id, constructPath: paths[address] ?? `${name}/${id}`, values }];
  });
  return { name, resources: new Map(made), settings };
}

function makeArtifact(content: Json): ArtifactOutput {
  return typeof content === "string" ? { kind: "text", text: content } : { kind: "data", value: content };
}
