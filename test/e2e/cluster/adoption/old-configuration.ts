import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TerraformFolder, type TerraformWorld } from "../terraform-folder";
import { OLD_NAME, type OldChart, oldChart } from "./old-probe";

/** Hand-written Terraform, with a state of its own beside it, and with a chart where it has one. */
export class OldConfiguration {
  readonly terraform: TerraformFolder;

  /** @param folder made here, removed by whoever named it */
  constructor(
    private readonly folder: string,
    world: TerraformWorld,
  ) {
    mkdirSync(folder);
    this.terraform = new TerraformFolder(folder, world, folder);
  }

  write(name: string, text: string): void {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** In `chart`, with nothing of the version before. */
  writeChart(namespace: string, state: OldChart): void {
    rmSync(join(this.folder, "chart"), { recursive: true, force: true });
    for (const [name, text] of oldChart(namespace, state)) this.write(`chart/${name}`, text);
  }

  /** What the last `write` changes is applied. @throws Error where it fails, or where it would destroy something */
  async apply(): Promise<void> {
    const { changes, output } = await this.terraform.plan();
    if (changes === null) throw new Error(output);
    if (changes.delete.length > 0 || changes.replace.length > 0)
      throw new Error(`it would destroy: ${output}`);
    const applied = await this.terraform.applyPlan();
    if (applied.code !== 0) throw new Error(applied.output);
  }
}

/** The metadata of the chart's CronJob, as the chart had them first. */
export const OLD_METADATA = `metadata:\n  name: ${OLD_NAME}\n`;
