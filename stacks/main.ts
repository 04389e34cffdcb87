import { dirname, join } from "node:path";
import { App, LocalBackend, type TerraformStack } from "cdktf";
import { ConfigurationError } from "../lib/core/problem";
import { HOST_PROGRAM } from "../lib/registry-host/release/release";
import { CatalogStack } from "./catalog";
import { checkStacks } from "./check-estate";
import { catalogEstate } from "./estate/catalog/service-catalog";
import { monitoringEstate } from "./estate/monitoring";
import { monitoringChartEstate } from "./estate/monitoring-chart";
import { pipelineEstate } from "./estate/pipeline";
import { registryEstate } from "./estate/registry";
import { registryProbe } from "./estate/registry-probe";
import { MonitoringStack } from "./monitoring";
import { MonitoringChartStack } from "./monitoring-chart";
import { PartialBackend } from "./partial-backend";
import { ImagePipelines } from "./pipeline";
import { RegistryStack } from "./registry";

export interface MainOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives one line at a time. */
  readonly writeError: (line: string) => void;
  /** @default cdktf.out, or CDKTF_OUTDIR where cdktf's command line sets it */
  readonly outdir?: string;
  /** @default the bundle beside the compiled library */
  readonly programFile?: string;
  /** @default tallyman-host.mjs beside the programFile, or beside the compiled library */
  readonly hostProgramFile?: string;
}

type StackBuilder = (app: App, id: string) => TerraformStack;

const USAGE_ERROR = 64;
/** As the build names it, beside the other programs. */
const VERIFY_PROGRAM = "tallyman-verify.mjs.zlib";

/**
 * Synthesizes every stack, or says all that is wrong with any of them and writes nothing; returns the exit code.
 * Warnings are counted on the error output and change nothing.
 */
export function main(options: MainOptions, builders = stackBuilders(options)): number {
  const outdir = options.outdir ?? options.env.CDKTF_OUTDIR ?? "cdktf.out";
  const app = new App({ outdir });
  const own = [
    ...Object.entries(builders).flatMap(([id, build]) => attempt(app, id, build, options.env)),
    ...validate(app),
  ];
  const problems = own.length > 0 ? own : checkStacks(app);
  for (const problem of problems) options.writeError(problem);
  if (problems.length > 0) return USAGE_ERROR;
  app.synth();
  for (const line of warningLines(app, outdir)) options.writeError(line);
  return 0;
}

/** By the stack's id, which is its folder's name in the output and part of its state's. */
function stackBuilders(options: MainOptions): Readonly<Record<string, StackBuilder>> {
  const { programFile } = options;
  const program = programFile === undefined ? {} : { programFile };
  const beside = programFile === undefined ? undefined : join(dirname(programFile), HOST_PROGRAM);
  const hostProgramFile = options.hostProgramFile ?? beside;
  const hostProgram = hostProgramFile === undefined ? {} : { programFile: hostProgramFile };
  return {
    monitoring: (app, id) => new MonitoringStack(app, id, monitoringEstate, program),
    "monitoring-chart": (app, id) => new MonitoringChartStack(app, id, monitoringChartEstate, program),
    registry: (app, id) => {
      const stack = new RegistryStack(app, id, registryEstate, hostProgram);
      new ImagePipelines(stack, "pipelines", pipelineEstate, {
        registry: registryProbe.registry.host,
        lock: stack.lock,
        ...(programFile === undefined ? {} : { verifyFile: join(dirname(programFile), VERIFY_PROGRAM) }),
      });
      return stack;
    },
    catalog: (app, id) =>
      new CatalogStack(app, id, catalogEstate, {
        ruleGroups: app.node.children.flatMap((one) =>
          one instanceof MonitoringStack ? one.alerts.groups : [],
        ),
        runbookBaseUrl: monitoringEstate.runbookBaseUrl,
      }),
  };
}

function attempt(app: App, id: string, build: StackBuilder, env: MainOptions["env"]): readonly string[] {
  try {
    setBackend(build(app, id), id, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split("\n").map((line) => `${id}: ${line}`);
  }
}

/** cdktf itself stops at the first stack with problems, with the earlier ones written. */
function validate(app: App): readonly string[] {
  return app.node
    .findAll()
    .flatMap((construct) => construct.node.validate().map((message) => `${construct.node.path}: ${message}`));
}

/** How many there are and what lists them: at every synthesis, each by itself would bury what is new. */
function warningLines(app: App, outdir: string): readonly string[] {
  return app.node.children.flatMap((stack) => {
    if (stack instanceof RegistryStack && stack.unpinned.length > 0) {
      const count = `${stack.unpinned.length} of the images`;
      return [
        `${stack.node.id}: ${count} have no digest in images.lock.json, \`tallyman pin\` resolves them`,
      ];
    }
    if (!(stack instanceof CatalogStack)) return [];
    const { length: count } = stack.serviceCatalog.warnings;
    const words = count === 1 ? "1 warning" : `${count} warnings`;
    const command = `tallyman catalog check ${join(outdir, "artifacts/catalog/catalog.json")}`;
    return count === 0 ? [] : [`${stack.node.id}: ${words}, \`${command}\` lists them`];
  });
}

/**
 * State beside the project: relative to the stack's folder in the output, as an absolute path would differ from one
 * machine to the next. TALLYMAN_STATE_DIR names another folder; TALLYMAN_BACKEND another type of backend, whose
 * settings `terraform init -backend-config` (or TF_CLI_ARGS_init) adds.
 */
function setBackend(stack: TerraformStack, id: string, env: MainOptions["env"]): void {
  const { TALLYMAN_BACKEND: type, TALLYMAN_STATE_DIR: folder } = env;
  if (type !== undefined && type !== "" && type !== "local") {
    new PartialBackend(stack, type);
    return;
  }
  const path = join(folder === undefined || folder === "" ? "../../.." : folder, `terraform.${id}.tfstate`);
  new LocalBackend(stack, { path });
}

if (require.main === module) {
  process.exitCode = main({ env: process.env, writeError: console.error });
}
