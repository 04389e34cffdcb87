import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forEachLimit } from "../../lib/core/for-each-limit";
import { PROGRAM_NODE_FLAGS } from "../../lib/integrity/contract";
import { isObject } from "../../lib/oci/descriptor";
import { findTool, requireTool } from "../../test/support/require-tool";
import { measure } from "../measure";
import { ACCEPT, CURL_LOOP } from "../walk/rivals";
import { otherModes } from "../walk/tallyman";
import { type Case, referenceLines, repositoryOf } from "./cases";
import type { Judged, Truth, Verdict } from "./compare-verdicts";

/** Nothing here is timed. */
const AT_ONCE = 4;

/**
 * One walk of the registry for each mode; a repository holds one case.
 * @param memory the file that a walk before the damage left
 */
export async function tallymanJudges(
  url: string,
  cases: readonly Case[],
  program: string,
  memory: string,
): Promise<readonly Judged[]> {
  const judge = async (
    mode: string,
    contender: string,
    promise: Judged["promise"],
    more: readonly string[] = [],
  ): Promise<Judged> => ({
    contender,
    promise,
    verdicts: await walkVerdicts(url, cases, program, ["--blobs", mode, ...more]),
  });
  return [
    await judge("range", "tallyman", "all but bytes"),
    await judge("full", "tallyman --blobs full", "all"),
    await judge("range", "tallyman --memory", "no false alarm", ["--memory", memory]),
    ...(await inTurn(otherModes(program), ([mode, name]) => judge(mode, name, "no false alarm"))),
  ];
}

async function walkVerdicts(
  url: string,
  cases: readonly Case[],
  program: string,
  more: readonly string[],
): Promise<readonly Verdict[]> {
  const words = ["probe", url, "--rate", "0", "--concurrency", "16", "--format", "json", ...more];
  const { exitCode, stdout } = await measure(process.execPath, [...PROGRAM_NODE_FLAGS, program, ...words]);
  const report: unknown = stdout === "" ? null : JSON.parse(stdout);
  if (!isObject(report))
    throw new Error(`the probe ${more.join(" ")} ended with ${exitCode}, without a report`);
  const damaged = repositoriesIn(report.findings, ({ severity }) => severity === "damage");
  const unknown = repositoriesIn(report.undetermined, () => true);
  return cases.map(({ truth }) => {
    const repository = repositoryOf(truth);
    if (damaged.has(repository)) return "broken";
    return unknown.has(repository) || unknown.has(null) ? "unknown" : "whole";
  });
}

function repositoriesIn(
  list: unknown,
  isMeant: (item: Readonly<Record<string, unknown>>) => boolean,
): ReadonlySet<unknown> {
  const items = Array.isArray(list) ? list.filter(isObject) : [];
  return new Set(items.filter(isMeant).map(({ repository }) => repository));
}

/** One process an image; what is not there is named. */
export async function rivalJudges(
  url: string,
  cases: readonly Case[],
): Promise<{ readonly judged: readonly Judged[]; readonly missing: readonly string[] }> {
  const host = new URL(url).host;
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const copied = (truth: Truth) => join(folder, repositoryOf(truth));
  const byImage = (
    tool: string,
    contender: string,
    wordsOf: (image: string, truth: Truth) => readonly string[],
  ) => ({
    tool,
    contender,
    judge: ({ truth }: Case) =>
      exitVerdict([requireTool(tool), ...wordsOf(`${host}/${repositoryOf(truth)}:v1`, truth)], ""),
  });
  const byCurl = (blobs: "range" | "head") => ({
    tool: "curl",
    contender: `curl loop, blobs by ${blobs === "head" ? "HEAD" : "range"}`,
    judge: ({ truth, image }: Case) =>
      exitVerdict(
        ["sh", CURL_LOOP, ACCEPT],
        `${referenceLines(url, repositoryOf(truth), image, blobs).join("\n")}\n`,
      ),
  });
  const policy = "--insecure-policy";
  const all = [
    byImage("crane", "crane validate --fast", (image) => ["validate", "--fast", "--remote", image]),
    byImage("crane", "crane validate", (image) => ["validate", "--remote", image]),
    byImage("skopeo", "skopeo inspect", (image) => [
      policy,
      "inspect",
      "--tls-verify=false",
      `docker://${image}`,
    ]),
    byImage("skopeo", "skopeo copy --all", (image, truth) => {
      mkdirSync(copied(truth), { recursive: true });
      const words = [policy, "copy", "--all", "--quiet", "--src-tls-verify=false"];
      return [...words, `docker://${image}`, `dir:${join(copied(truth), "image")}`];
    }),
    byCurl("range"),
    byCurl("head"),
  ];
  try {
    const there = all.filter(({ tool }) => findTool(tool) !== null);
    const judged = await inTurn(there, async ({ contender, judge }): Promise<Judged> => {
      const verdicts: Verdict[] = [];
      await forEachLimit([...cases.entries()], AT_ONCE, async ([i, one]) => {
        verdicts[i] = await judge(one);
      });
      return { contender, promise: "nothing", verdicts };
    });
    const absent = all.filter((one) => !there.includes(one)).map(({ tool }) => tool);
    return { judged, missing: [...new Set(absent)] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whole where the program ends with 0 within a minute. */
async function exitVerdict(words: readonly string[], stdin: string): Promise<Verdict> {
  const child = spawn("timeout", ["--kill-after=5", "60", ...words], { stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  await once(child, "close");
  return child.exitCode === 0 ? "whole" : "broken";
}

async function inTurn<T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await use(item));
  return results;
}
