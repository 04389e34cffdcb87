import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { TerraformFolder, type TerraformWorld } from "./terraform-folder";

/** As in main.ts the stack's folder in the output; no program of a user's has it. */
const STACK = "e2e";

/** A stack that is synthesized by a test, as often as it likes, and applied to a cluster; its state is kept between. */
export class AppliedStack {
  private constructor(
    /** Of the test's own: for the output, the state and whatever else goes with it. */
    readonly folder: string,
    readonly terraform: TerraformFolder,
  ) {}

  /** Nothing is synthesized yet. */
  static create(world: TerraformWorld): AppliedStack {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-applied-"));
    return new AppliedStack(folder, new TerraformFolder(join(folder, "out/stacks", STACK), world, folder));
  }

  /** As cdktf writes it: `stacks/` and `artifacts/`. */
  get output(): string {
    return join(this.folder, "out");
  }

  get stateFile(): string {
    return join(this.folder, "terraform.tfstate");
  }

  /**
   * Writes the stack anew, with both providers and a local backend, its validations run; gives what the builder gave.
   * The first time `terraform.init()` follows.
   */
  synthesize<T>(build: (stack: TerraformStack) => T): T {
    const app = new App({ outdir: this.output });
    const stack = new TerraformStack(app, STACK);
    new LocalBackend(stack, { path: this.stateFile });
    // Empty: the providers themselves read KUBE_CONFIG_PATH.
    new KubernetesProvider(stack, "kubernetes", {});
    new HelmProvider(stack, "helm", {});
    const built = build(stack);
    app.synth();
    return built;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
