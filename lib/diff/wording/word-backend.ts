import type { Change } from "../change";
import { type Delta, whereOf } from "../delta";
import { isJsonObject, type Json } from "../json";
import type { SynthesizedOutput } from "../output";
import { showPath, showText } from "./show-value";
import type { WordingContext } from "./wording-context";

const MAX_SETTINGS = 5;

/** Where a stack's state is kept. https://developer.hashicorp.com/terraform/language/backend */
export function isBackend({ place, path }: Delta): boolean {
  return (
    place.kind === "settings" && path[0] === "terraform" && (path[1] === "backend" || path[1] === "cloud")
  );
}

/** One change for all that differs in it. A backend's values may be credentials: its kind and the names alone are shown. */
export function wordBackend(stack: string, deltas: readonly Delta[], { base, head }: WordingContext): Change {
  const before = backendOf(base, stack);
  const after = backendOf(head, stack);
  const settings = [...new Set(deltas.map(({ path }) => showPath(path.slice(3))))].filter(
    (name) => name !== "",
  );
  const more = settings.length > MAX_SETTINGS ? ` and ${settings.length - MAX_SETTINGS} more` : "";
  const what =
    before === after
      ? `${before ?? "local"} of the stack ${showText(stack, 150)} changes (${settings.slice(0, MAX_SETTINGS).join(", ")}${more})`
      : `of the stack ${showText(stack, 150)} changes from ${before ?? "local"} to ${after ?? "local"}`;
  return {
    grade: "risk",
    kind: "backend_changed",
    where: whereOf({ place: { kind: "settings", stack }, path: ["terraform", "backend"] }),
    before,
    after,
    text: `The backend ${what}: the state would be looked for elsewhere, and everything created once more unless it is moved there.`,
  };
}

/** `s3`, `cloud`; null where none is named, which is `local`. */
function backendOf({ stacks }: SynthesizedOutput, stack: string): string | null {
  const terraform = first(stacks.get(stack)?.settings.terraform);
  if (!isJsonObject(terraform)) return null;
  const backend = first(terraform.backend);
  const [kind] = isJsonObject(backend) ? Object.keys(backend) : [];
  return kind === undefined ? (terraform.cloud === undefined ? null : "cloud") : showText(kind, 50);
}

/** A block is an object, or a list of one. */
function first(value: Json | undefined): Json | undefined {
  return Array.isArray(value) ? value[0] : value;
}
