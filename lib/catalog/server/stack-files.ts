import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { Fn, TerraformStack, Token } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";

/** Rendered texts that travel in the stack's own folder, for Terraform to read; cdktf's assets are copies of files. */
export class StackFiles extends Construct {
  /** SHA-256 of names and texts, in hexadecimal. */
  readonly hash: string;
  private readonly folder: string;

  /** @param files by their paths, with / between the parts */
  constructor(scope: Construct, id: string, files: Readonly<Record<string, string>>) {
    super(scope, id);
    const stack = TerraformStack.of(this);
    const parent = posix.join("assets", stack.getLogicalId(this.node));
    this.hash = hashOf(files);
    this.folder = posix.join(parent, this.hash.slice(0, 16));
    addCustomSynthesis(this, {
      onSynthesize: ({ manifest }) => {
        const root = join(manifest.outdir, manifest.forStack(stack).workingDirectory);
        rmSync(join(root, parent), { recursive: true, force: true });
        for (const [name, text] of Object.entries(files)) {
          const target = join(root, this.folder, name);
          mkdirSync(dirname(target), { recursive: true });
          writeFileSync(target, text);
        }
      },
    });
  }

  /** The file's text as an expression; sensitive, as a plan would else print it whole, before and after. */
  text(name: string): string {
    return Token.asString(Fn.sensitive(Fn.file(`./${posix.join(this.folder, name)}`)));
  }
}

function hashOf(files: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const [name, text] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, text]));
  }
  return hash.digest("hex");
}
