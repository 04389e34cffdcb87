import { printable } from "../../core/printable";
import type { CliEnvironment } from "../environment";
import { runGroup } from "./process-group";
import { redactedTail } from "./redact";

/** A checkout takes no longer; a network that git might ask is no excuse. */
const TIMEOUT_MS = 600_000;

/** Git said no. */
export class GitError extends Error {
  override readonly name = "GitError";
}

export interface Git {
  readonly run: (args: readonly string[]) => Promise<string>;
}

/**
 * Git in a folder, with nothing of the repository's that is a program: no hook, no file system monitor, no filter.
 *
 * @throws GitError, from `run` too
 */
export async function openGit(cwd: string, environment: CliEnvironment, signal: AbortSignal): Promise<Git> {
  const { PATH = "", HOME = "", XDG_CONFIG_HOME } = environment.env;
  const env = {
    ...{ PATH, HOME, LANG: "C", GIT_TERMINAL_PROMPT: "0" },
    ...(XDG_CONFIG_HOME === undefined ? {} : { XDG_CONFIG_HOME }),
  };
  const git = async (args: readonly string[]): Promise<string> => {
    const spec = { command: "git", cwd, env, signal, timeoutMs: TIMEOUT_MS };
    const { failure, stdout, output } = await runGroup({ ...spec, args: [...NO_PROGRAMS, ...args] });
    if (failure === null) return stdout;
    const said = redactedTail(output).at(-1);
    throw new GitError(`git ${args[0]}: ${said ?? printable(failure)}`);
  };
  await git(["rev-parse", "--git-dir"]);
  // `--get-regexp` fails where there is none.
  const listed = await git(["config", "--name-only", "--get-regexp", "^filter\\."]).catch(() => "");
  const drivers = listed.split("\n").flatMap((name) => /^(filter\..*)\.[^.]+$/.exec(name)?.[1] ?? []);
  const noFilters = [...new Set(drivers)].flatMap((driver) => [
    ...["-c", `${driver}.smudge=`, "-c", `${driver}.process=`, "-c", `${driver}.required=false`],
  ]);
  return { run: (args) => git([...noFilters, ...args]) };
}

const NO_PROGRAMS = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];
