import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { ImageLock } from "../../lib/core/image-lock";
import type { SynthesizedOutput } from "../../lib/diff/output";
import { readOutput } from "../../lib/diff/read-output";
import { monitoringEstate } from "../../stacks/estate/monitoring";
import { monitoringChartEstate } from "../../stacks/estate/monitoring-chart";
import { pipelineEstate } from "../../stacks/estate/pipeline";
import { registryEstate } from "../../stacks/estate/registry";
import { type MonitoringEstate, MonitoringStack } from "../../stacks/monitoring";
import { type MonitoringChartEstate, MonitoringChartStack } from "../../stacks/monitoring-chart";
import { ImagePipelines, type PipelineEstate } from "../../stacks/pipeline";
import { type RegistryEstate, RegistryStack } from "../../stacks/registry";

/** What of the estate's registry host is otherwise. */
export interface HostChange {
  readonly estate?: Partial<RegistryEstate>;
  readonly pipelines?: PipelineEstate;
  /** @default none of its images has a digest */
  readonly lock?: ImageLock;
  /** The host's own, and the one that verifies pushes. */
  readonly program?: string;
  /** What a user does to the constructs himself. */
  readonly apply?: (stack: RegistryStack) => void;
}

const PROGRAM = "console.log('the program');\n";

/** Outputs of the reference estate, and of users' stacks, each synthesized into a folder of its own. */
export class EstateOutputs {
  private readonly folder = mkdtempSync(join(tmpdir(), "tallyman-estate-output-"));
  private count = 0;

  /** The estate's two ways to monitor, as they are or with that laid over both. */
  monitoring(
    over: Partial<MonitoringEstate & MonitoringChartEstate> = {},
    apply: (stack: MonitoringStack) => void = () => {},
  ): SynthesizedOutput {
    return this.synthesize((app, file) => {
      const program = { programFile: file("tallyman.mjs", PROGRAM) };
      const stack = new MonitoringStack(app, "monitoring", { ...monitoringEstate, ...over }, program);
      apply(stack);
      const estate = { ...monitoringChartEstate, ...over };
      return [stack, new MonitoringChartStack(app, "monitoring-chart", estate, program)];
    });
  }

  /** The estate's registry host and its pipelines. */
  host(change: HostChange = {}): SynthesizedOutput {
    const { program = PROGRAM, lock = ImageLock.EMPTY } = change;
    return this.synthesize((app, file) => {
      const stack = new RegistryStack(
        app,
        "registry",
        { ...registryEstate, ...change.estate },
        { programFile: file("tallyman-host.mjs", program), lock },
      );
      new ImagePipelines(stack, "pipelines", change.pipelines ?? pipelineEstate, {
        registry: monitoringEstate.registry.host,
        lock,
        verifyFile: file("tallyman-verify.mjs.zlib", deflateSync(program)),
      });
      change.apply?.(stack);
      return [stack];
    });
  }

  /** A user's stack, `own`, with what he puts into it. */
  own(build: (stack: TerraformStack, programFile: string) => void): SynthesizedOutput {
    return this.synthesize((app, file) => {
      const stack = new TerraformStack(app, "own");
      new KubernetesProvider(stack, "kubernetes", {});
      build(stack, file("tallyman.mjs", PROGRAM));
      return [stack];
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private synthesize(build: (app: App, file: WriteFile) => readonly TerraformStack[]): SynthesizedOutput {
    this.count += 1;
    const root = join(this.folder, String(this.count));
    mkdirSync(root);
    const outdir = join(root, "cdktf.out");
    const app = new App({ outdir });
    const stacks = build(app, (name, content) => {
      writeFileSync(join(root, name), content);
      return join(root, name);
    });
    for (const stack of stacks) {
      new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
    }
    app.synth();
    return readOutput(outdir);
  }
}

/** @returns the file's path */
type WriteFile = (name: string, content: string | Uint8Array) => string;
