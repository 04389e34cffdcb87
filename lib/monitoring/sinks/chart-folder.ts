import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { TerraformStack } from "cdktf";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";
import { hashFiles } from "./rule-chart";

/**
 * A folder of texts that travels in the stack's own. cdktf's TerraformAsset copies a folder that must be there when
 * the construct is made: for texts that are only rendered, it would leave a temporary one behind.
 */
export class ChartFolder extends Construct {
  /** Relative to where Terraform runs; another text gives another path, by which Terraform sees the change. */
  readonly path: string;

  /** @param files by their paths in the folder, with / between the parts */
  constructor(scope: Construct, id: string, files: Readonly<Record<string, string>>) {
    super(scope, id);
    const stack = TerraformStack.of(this);
    const folder = posix.join("assets", stack.getLogicalId(this.node));
    this.path = `./${posix.join(folder, hashFiles(files))}`;
    addCustomSynthesis(this, {
      onSynthesize: (session) => {
        const root = join(session.manifest.outdir, session.manifest.forStack(stack).workingDirectory);
        rmSync(join(root, folder), { recursive: true, force: true });
        for (const [name, text] of Object.entries(files)) {
          const target = join(root, this.path, name);
          mkdirSync(dirname(target), { recursive: true });
          writeFileSync(target, text);
        }
      },
    });
  }
}
