import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DefaultTokenResolver, StringConcat, Token, Tokenization } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct, type IConstruct } from "constructs";
import { ConfigurationError, formatProblem, type Problem } from "../core/problem";
import { checkShapes, isRecord, type Shape, text } from "../core/shape";
import { ConstructIndex } from "./construct-index";

export interface ArtifactProps {
  /** Below `<outdir>/artifacts`, with / between its parts: `monitoring/rules.yml`. */
  readonly path: string;
  readonly content: ArtifactContent;
}

/**
 * A text, bytes, a function that gives either when the stack is synthesized, or a file to copy. Unresolved values
 * in a text become Terraform's own expressions (`${var.name}`), as nothing evaluates them in an artifact.
 */
export type ArtifactContent = string | Uint8Array | (() => string | Uint8Array) | { readonly file: string };

const FOLDER = "artifacts";
const PATH: Shape = text("Write it as monitoring/rules.yml.");
const CONTENT: Shape = {
  rule: "be a text, bytes, a function that gives either, or { file }",
  fix: "Write the text, or { file: path } to copy one.",
  isMet: (value) =>
    typeof value === "string" ||
    typeof value === "function" ||
    ArrayBuffer.isView(value) ||
    (isRecord(value) && typeof value.file === "string"),
};
const PART = /^(?!\.\.?$)[A-Za-z0-9._-]+$/;

const artifacts = new ConstructIndex<Artifact>();

/** A file for people and other programs beside the stacks that Terraform applies; it is written at synthesis. */
export class Artifact extends Construct {
  readonly path: string;

  /** @throws ConfigurationError for a path that leaves the folder; a path taken twice in one app is a validation. */
  constructor(scope: Construct, id: string, props: ArtifactProps) {
    super(scope, id);
    ConfigurationError.throwIfAny(checkShapes(props, { path: PATH, content: CONTENT }));
    ConfigurationError.throwIfAny(checkPath(props.path));
    this.path = props.path;
    artifacts.add(this.node.root, props.path.toLowerCase(), this);
    this.node.addValidation({ validate: () => this.clashes() });
    addCustomSynthesis(this, {
      onSynthesize: (session) => {
        writeWhole(join(session.manifest.outdir, FOLDER, props.path), this.resolve(props.content));
      },
    });
  }

  private resolve(content: ArtifactContent): string | Uint8Array {
    if (typeof content === "function") return this.resolve(content());
    if (typeof content === "object" && "file" in content) return readFileSync(content.file);
    if (typeof content !== "string" || !Token.isUnresolved(content)) return content;
    const resolver = new DefaultTokenResolver(new StringConcat());
    return String(Tokenization.resolve(content, { scope: this, resolver, preparing: false }));
  }

  /** Those that the tree has at a path, in any case of letters. */
  static at(tree: IConstruct, path: string): readonly Artifact[] {
    return artifacts.find(tree.node.root, path.toLowerCase());
  }

  private clashes(): string[] {
    return Artifact.at(this, this.path)
      .filter((other) => other !== this)
      .map((other) =>
        formatProblem({
          path: `${this.node.path}.path`,
          rule: `differ from that of ${other.node.path}`,
          value: this.path,
          fix: "Give one of the two another path.",
        }),
      );
  }
}

function checkPath(path: string): readonly Problem[] {
  if (path.split("/").every((part) => PART.test(part))) return [];
  const fix = "Write names of letters, digits, . _ and -, with / between them, such as monitoring/rules.yml.";
  return [{ path: "path", rule: "be relative and stay in the artifacts folder", value: path, fix }];
}

/** Written beside and then renamed, so that no reader ever sees half a file. */
function writeWhole(target: string, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  // A file system may wait for the disk where a file is replaced, and most files are the same as last time.
  if (isThere(target, bytes)) return;
  const folder = dirname(target);
  const beside = join(folder, `.${basename(target)}.${process.pid}.partial`);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(beside, bytes);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function isThere(target: string, bytes: Uint8Array): boolean {
  const found = lstatSync(target, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === bytes.length && readFileSync(target).equals(bytes);
}
