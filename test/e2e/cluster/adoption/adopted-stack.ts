import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kubectl, KubectlRun } from "../kubectl";
import {
  TerraformFolder,
  type TerraformPlan,
  type TerraformRun,
  type TerraformWorld,
} from "../terraform-folder";
import { readAdoption, type Substitution, takeBlock } from "./document";
import { runDocumentProgram } from "./document-program";

const STACK = "registry-monitoring";
export const adoption = readAdoption("Taking over an existing CronJob");

/** The stack of the document's second step, as it is written there but for the substitutions. */
export class AdoptedStack {
  private constructor(
    private readonly folder: string,
    private readonly substitutions: readonly Substitution[],
    readonly terraform: TerraformFolder,
  ) {}

  static create(world: TerraformWorld, substitutions: readonly Substitution[]): AdoptedStack {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-adopted-"));
    const backend: Substitution = [
      /new S3Backend\(stack, \{[^}]*\}\)/,
      `new (require("cdktf").LocalBackend)(stack, { path: ${JSON.stringify(join(folder, "terraform.tfstate"))} })`,
    ];
    return new AdoptedStack(
      folder,
      [...substitutions, backend],
      new TerraformFolder(join(folder, "out/stacks", STACK), world, folder),
    );
  }

  synthesize(further: readonly Substitution[] = []): void {
    const program = takeBlock(adoption, { language: "ts", holds: "app.synth()" }, [
      ...this.substitutions,
      ...further,
    ]);
    runDocumentProgram(program, join(this.folder, "out"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The third step's first block: a plan, and its apply. */
export async function deploy({ terraform }: AdoptedStack): Promise<readonly [TerraformPlan, TerraformRun]> {
  const lines = takeBlock(adoption, { language: "console", holds: "cdktf deploy", topic: "" }).trim();
  // Whatever else stood there would not be run.
  if (lines !== `cdktf diff ${STACK}\ncdktf deploy ${STACK}`)
    throw new Error(`docs/adopt.md deploys by\n${lines}`);
  return [await terraform.plan(), await terraform.applyPlan()];
}

/** The lines of a block of kubectl commands, each run in its order. @throws Error for any other command */
export async function runConsole(block: string, kubectl: Kubectl): Promise<readonly KubectlRun[]> {
  const runs: KubectlRun[] = [];
  for (const line of block.trim().split("\n")) {
    const [program, ...words] = line.split(" ");
    if (program !== "kubectl") throw new Error(`docs/adopt.md has a command that is no kubectl's: ${line}`);
    runs.push(await kubectl.run(words));
  }
  return runs;
}
