import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "../../core/problem";
import type { SynthesizedOutput } from "../../diff/output";
import { readOutput } from "../../diff/read-output";
import { quoted, UsageError } from "../arguments";
import type { CliEnvironment } from "../environment";
import type { SynthOptions } from "./diff-options";
import { GitError, openGit } from "./git";
import { isOutputFolder } from "./output-folder";
import { removeTree } from "./remove-tree";
import { Repository } from "./repository";
import { SynthesisError, synthesizeRevision } from "./synthesize-revision";

export interface Sides {
  readonly base: SynthesizedOutput;
  readonly head: SynthesizedOutput;
}

interface GivenSides {
  readonly base: string;
  readonly head: string;
  readonly synth: SynthOptions;
}

/**
 * Reads both outputs, after synthesizing those that are revisions; leaves nothing behind.
 *
 * @throws UsageError for words that name nothing, SynthesisError for a revision without output
 */
export async function readSides(given: GivenSides, environment: CliEnvironment): Promise<Sides> {
  const isFolder = { base: isOutputFolder(given.base), head: isOutputFolder(given.head) };
  if (isFolder.base && isFolder.head) return { base: readFolder(given.base), head: readFolder(given.head) };
  const stop = new AbortController();
  const removeStop = environment.onStop(() => stop.abort());
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tallyman-diff-")));
  let repository: Repository | null = null;
  try {
    repository = await openRepository(given, folder, environment, stop.signal);
    const context = { repository, folder, options: given.synth, environment, signal: stop.signal };
    const side = async (name: "base" | "head", word: string): Promise<SynthesizedOutput> =>
      isFolder[name] ? readFolder(word) : readRevision(name, word, context);
    // Both words are looked at before either costs a synthesis.
    for (const name of ["base", "head"] as const) {
      if (!isFolder[name]) await repository.resolve(name, given[name]);
    }
    return { base: await side("base", given.base), head: await side("head", given.head) };
  } catch (error) {
    if (stop.signal.aborted) throw new SynthesisError("asked to end: nothing was compared");
    throw error;
  } finally {
    repository?.removeWorktrees();
    removeTree(folder);
    removeStop();
  }
}

async function openRepository(
  given: GivenSides,
  folder: string,
  environment: CliEnvironment,
  signal: AbortSignal,
): Promise<Repository> {
  const cwd = process.cwd();
  try {
    return await Repository.open(await openGit(cwd, environment, signal), cwd, folder);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const word = isOutputFolder(given.base) ? given.head : given.base;
    throw new UsageError(
      `${quoted(word)} is no synthesized output (a folder with manifest.json or stacks), and as a revision it needs a repository here: ${error.message}`,
    );
  }
}

function readFolder(path: string): SynthesizedOutput {
  try {
    return readOutput(path);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new UsageError(`${quoted(path)}: ${firstProblem(error)}`);
  }
}

async function readRevision(
  side: "base" | "head",
  word: string,
  context: Parameters<typeof synthesizeRevision>[1],
): Promise<SynthesizedOutput> {
  const revision = await context.repository.resolve(side, word);
  const name = `${quoted(word)} (${revision.commit.slice(0, 12)})`;
  try {
    return readOutput(await synthesizeRevision(revision, context));
  } catch (error) {
    if (error instanceof SynthesisError) {
      throw new SynthesisError(`${name} could not be synthesized: ${error.message}`, error.lastLines);
    }
    if (error instanceof GitError)
      throw new SynthesisError(`${name} could not be checked out: ${error.message}`);
    if (!(error instanceof ConfigurationError)) throw error;
    throw new SynthesisError(`the output of ${name} cannot be read: ${firstProblem(error)}`);
  }
}

function firstProblem({ message }: ConfigurationError): string {
  return message.split("\n")[0] ?? "";
}
