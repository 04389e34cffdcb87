import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../../oci/descriptor";
import { quoted } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { SynthOptions } from "./diff-options";
import { linkDependencies } from "./link-dependencies";
import { isOutputFolder } from "./output-folder";
import { runGroup } from "./process-group";
import { redacted, redactedTail } from "./redact";
import type { Repository, Revision } from "./repository";

/** A revision's output could not be had: why, and the last lines of what said so. */
export class SynthesisError extends Error {
  override readonly name = "SynthesisError";
  constructor(
    message: string,
    readonly lastLines: readonly string[] = [],
  ) {
    super(message);
  }
}

export interface SynthesisContext {
  readonly repository: Repository;
  /** Of this run alone; it and the worktrees in it are removed by the repository. */
  readonly folder: string;
  readonly options: SynthOptions;
  readonly environment: CliEnvironment;
  readonly signal: AbortSignal;
}

/**
 * Synthesizes a revision in a worktree of its own, with an environment in which no token is.
 *
 * @returns the folder of its output
 * @throws SynthesisError
 */
export async function synthesizeRevision(revision: Revision, context: SynthesisContext): Promise<string> {
  const { repository, options, environment, signal } = context;
  const folder = join(context.folder, revision.side);
  const tree = await repository.addWorktree(revision);
  const project = join(tree, repository.project);
  if (!existsSync(project)) throw new SynthesisError(`it has no folder ${quoted(repository.project)}`);
  for (const note of linkDependencies(repository.root, tree, repository.project)) {
    environment.writeError(`tallyman: note on ${quoted(revision.name)}: ${note}\n`);
  }
  const app = readApp(project);
  const command = options.command ?? app.command;
  if (command === null) {
    throw new SynthesisError("it has no cdktf.json that names its app. Give the command by --synth");
  }
  const out = join(folder, "out");
  const home = join(folder, "home");
  for (const one of [out, home]) mkdirSync(one, { recursive: true });
  const env = {
    ...{ PATH: environment.env.PATH ?? "", HOME: home, LANG: "C", TZ: "UTC", CDKTF_OUTDIR: out },
    // As the framework's own command line hands it over: plain node does not read it from cdktf.json.
    ...(app.context === null ? {} : { CDKTF_CONTEXT_JSON: app.context }),
  };
  const timeoutMs = options.timeout.toMilliseconds();
  const run = await runGroup({ command: "sh", args: ["-c", command], cwd: project, env, signal, timeoutMs });
  const lastLines = redactedTail(run.output);
  const shown = quoted(redacted(command));
  if (run.failure !== null) throw new SynthesisError(`${shown}: ${run.failure}`, lastLines);
  if (!isOutputFolder(out)) {
    throw new SynthesisError(`${shown} wrote no stacks to the folder $CDKTF_OUTDIR`, lastLines);
  }
  return out;
}

interface AppSettings {
  readonly command: string | null;
  /** As JSON; null for none. */
  readonly context: string | null;
}

function readApp(project: string): AppSettings {
  const file = join(project, "cdktf.json");
  if (!existsSync(file)) return { command: null, context: null };
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new SynthesisError("its cdktf.json is no JSON");
  }
  if (!isObject(json)) return { command: null, context: null };
  const { app, context } = json;
  return {
    command: typeof app === "string" && app.trim() !== "" ? app : null,
    context: isObject(context) && Object.keys(context).length > 0 ? JSON.stringify(context) : null,
  };
}
