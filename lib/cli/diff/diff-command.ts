import { isAtLeast, type OutputDiff } from "../../diff/change";
import { diffOutputs } from "../../diff/diff-outputs";
import { renderDiffJson } from "../../diff/render/render-json";
import { renderDiffMarkdown } from "../../diff/render/render-markdown";
import { renderDiffTerminal } from "../../diff/render/render-terminal";
import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import { EXIT_DAMAGE, EXIT_INCOMPLETE } from "../exit-codes";
import { type DiffOptions, readDiffOptions } from "./diff-options";
import { readDiffFile } from "./read-diff-file";
import { SynthesisError } from "./synthesize-revision";
import { readSides } from "./synthesized-sides";

/** 1 at the limit or above it, 2 where a revision has no output. @returns the exit code. @throws UsageError */
export async function diff(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const options = readDiffOptions(raw);
  try {
    const found = await findDiff(options, environment);
    environment.write(render(found, options.format, environment));
    return options.failOn !== null && isAtLeast(found.grade, options.failOn) ? EXIT_DAMAGE : 0;
  } catch (error) {
    if (!(error instanceof SynthesisError)) throw error;
    const lines = [`tallyman: ${error.message}`, ...error.lastLines.map((line) => `  ${line}`)];
    environment.writeError(`${lines.join("\n")}\n`);
    return EXIT_INCOMPLETE;
  }
}

async function findDiff({ source }: DiffOptions, environment: CliEnvironment): Promise<OutputDiff> {
  if (source.kind === "json") return readDiffFile(source.file);
  const { base, head } = await readSides(source, environment);
  return diffOutputs(base, head);
}

function render(found: OutputDiff, format: DiffOptions["format"], environment: CliEnvironment): string {
  if (format === "json") return renderDiffJson(found);
  if (format === "markdown") return renderDiffMarkdown(found);
  const { NO_COLOR = "", TERM } = environment.env;
  // https://no-color.org
  const isColoured = environment.isOutputTerminal && NO_COLOR === "" && TERM !== "dumb";
  return renderDiffTerminal(found, { isColoured });
}
