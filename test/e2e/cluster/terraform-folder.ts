import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { terraformEnv } from "../../support/require-terraform";
import { type PlannedChanges, readPlannedChanges } from "./planned-changes";

const PLAN_FILE = "e2e.tfplan";

export interface TerraformRun {
  /** Null where a signal ended it. */
  readonly code: number | null;
  /** Both streams, without colour. */
  readonly output: string;
}

export interface TerraformPlan extends TerraformRun {
  /** Null where there is no plan, as it failed. */
  readonly changes: PlannedChanges | null;
}

/** Where Terraform is, and whom it talks to. */
export interface TerraformWorld {
  /** Path of terraform or tofu. */
  readonly binary: string;
  /** Given as KUBE_CONFIG_PATH; nothing of the user's own is read. */
  readonly kubeconfig: string;
  /**
   * Beside the environment of this process: `TF_VAR_…` for instance.
   * @default nothing
   */
  readonly env?: Readonly<Record<string, string>>;
}

/** One folder with a configuration, run by the program that its users run. */
export class TerraformFolder {
  constructor(
    /** With cdk.tf.json, or *.tf. */
    readonly path: string,
    private readonly world: TerraformWorld,
    /** For what programs keep beside their work; made when it is needed, removed by whoever named it. */
    private readonly scratch: string,
  ) {}

  /** @throws Error with the output where it fails */
  async init(): Promise<void> {
    const { code, output } = await this.run(["init", "-input=false"]);
    if (code !== 0) throw new Error(`terraform init ended with ${code}: ${output}`);
  }

  /** Exits 0 where nothing is to be done, 2 where something is; the plan stays for `applyPlan`. */
  async plan(args: readonly string[] = []): Promise<TerraformPlan> {
    const planned = await this.run([
      "plan",
      "-input=false",
      "-detailed-exitcode",
      `-out=${PLAN_FILE}`,
      ...args,
    ]);
    if (planned.code !== 0 && planned.code !== 2) return { ...planned, changes: null };
    return { ...planned, changes: readPlannedChanges(await this.showPlan()) };
  }

  /** The last plan as JSON, sensitive values included. */
  showPlan(): Promise<unknown> {
    return this.json(["show", "-json", PLAN_FILE]);
  }

  /** The state as JSON. */
  showState(): Promise<unknown> {
    return this.json(["show", "-json"]);
  }

  apply(args: readonly string[] = []): Promise<TerraformRun> {
    return this.run(["apply", "-auto-approve", "-input=false", ...args]);
  }

  /** What `plan` planned, and nothing else. */
  applyPlan(args: readonly string[] = []): Promise<TerraformRun> {
    return this.run(["apply", "-input=false", ...args, PLAN_FILE]);
  }

  destroy(args: readonly string[] = []): Promise<TerraformRun> {
    return this.run(["destroy", "-auto-approve", "-input=false", ...args]);
  }

  /** Any command; `-no-color` is added. */
  run(args: readonly string[]): Promise<TerraformRun> {
    return this.start(args).ended;
  }

  /** For whoever has to end it before its end. */
  start(args: readonly string[]): {
    readonly child: ChildProcess;
    readonly output: () => string;
    readonly ended: Promise<TerraformRun>;
  } {
    const [command = "", ...rest] = args;
    const child = this.spawn([command, "-no-color", ...rest]);
    const output = { text: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        output.text += chunk;
      });
    }
    const ended = once(child, "close").then(
      ([code]): TerraformRun => ({ code: typeof code === "number" ? code : null, output: output.text }),
    );
    return { child, output: () => output.text, ended };
  }

  /** What a command prints as JSON. @throws Error with its error output where it fails */
  async json(args: readonly string[]): Promise<unknown> {
    const child = this.spawn(args);
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`terraform ${args.join(" ")} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  private spawn(args: readonly string[]): ChildProcess {
    return spawn(this.world.binary, args, {
      cwd: this.path,
      env: clusterEnv(this.world, this.scratch),
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}

/** The environment of a program that talks to the cluster: this one alone, with no configuration of the user's. */
export function clusterEnv(
  { kubeconfig, env = {} }: Pick<TerraformWorld, "kubeconfig" | "env">,
  scratch: string,
): NodeJS.ProcessEnv {
  const own = Object.fromEntries(
    Object.entries(terraformEnv()).filter(([name]) => !/^(?:KUBE|HELM_|TF_VAR_|TF_CLI_ARGS)/.test(name)),
  );
  const helm = join(scratch, "helm");
  mkdirSync(helm, { recursive: true });
  return {
    ...own,
    KUBE_CONFIG_PATH: kubeconfig,
    HELM_CACHE_HOME: join(helm, "cache"),
    HELM_CONFIG_HOME: join(helm, "config"),
    HELM_DATA_HOME: join(helm, "data"),
    ...env,
  };
}
