/** A registry with known damage, and what each contender says of it: nothing gets faster by looking less. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DistributionVersion } from "../../test/support/distribution";
import { findDistribution3 } from "../../test/support/require-tool";
import { writeImage } from "../../test/support/write-image";
import { measure } from "../measure";
import type { Block, SectionContent } from "../report/record";
import { runSection } from "../section";
import { withTarget } from "../walk/target";
import { type Case, repositoryOf, verdictCases } from "./cases";
import { brokenPromises, disagreements, type Judged, joinJudged, verdictTable } from "./compare-verdicts";
import { rivalJudges, tallymanJudges } from "./judges";

const WHAT =
  "One repository an image, two platforms each, every damage in the image for linux/arm64, done to the disk while the " +
  "registry runs with all of it in its cache, and stays so or is restarted. What is not the truth is bold. tallyman's default promises all but a byte " +
  "changed within a layer, which only reading shows (`--verify-bytes`, `--blobs full`); a promise that is not kept fails the run. " +
  "The curl loop is told every reference for nothing. The " +
  "memory was made before the damage: it knows manifests, which are then asked for by existence and read again within a day. " +
  "Of `rotate/12` it is one run of twelve: what is outside its slice comes in a later one.";

const ONE_SERVER = "In the quick form on docker-registry 2.8 alone.";

interface Judgement {
  readonly judged: readonly Judged[];
  readonly missing: readonly string[];
}

const SERVERS = { "2.8": "docker-registry 2.8", "3.1": "distribution 3.1" } as const;

/** On one registry: with its cache as the damage found it, or after a restart. */
async function judgeCases(
  version: DistributionVersion,
  cases: readonly Case[],
  isRestarted: boolean,
  program: string,
): Promise<Judgement> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const root = join(folder, "storage");
  for (const { truth, image, isElsewhere } of cases) {
    writeImage(root, repositoryOf(truth), "v1", image);
    // What a walk proves there says nothing of the case.
    if (isElsewhere) writeImage(root, "elsewhere/whole", "v1", image);
  }
  try {
    return await withTarget(version, "plain", root, folder, async ({ url }, registry) => {
      const memory = join(folder, "memory");
      await warm(url, program, memory);
      for (const { truth, damage } of cases) damage(root, repositoryOf(truth));
      if (isRestarted) await registry.restart();
      const own = await tallymanJudges(url, cases, program, memory);
      const rivals = await rivalJudges(url, cases);
      return { judged: [...own, ...rivals.judged], missing: rivals.missing };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function judgeOn(version: DistributionVersion, program: string) {
  const all = verdictCases();
  const parts = [false, true].map((isRestarted) => ({
    isRestarted,
    cases: all.filter((one) => (one.isRestarted ?? false) === isRestarted),
  }));
  const truths = parts.flatMap(({ cases }) => cases.map(({ truth }) => truth));
  const judgements: Judgement[] = [];
  for (const { cases, isRestarted } of parts) {
    judgements.push(await judgeCases(version, cases, isRestarted, program));
  }
  const judged = joinJudged(judgements.map((one) => one.judged));
  const lines = disagreements(truths, judged);
  const blocks: readonly Block[] = [
    { heading: SERVERS[version] },
    { table: verdictTable(truths, judged) },
    { text: ["Disagreements with the truth:\n", ...lines.map((line) => `- ${line}`)].join("\n") },
  ];
  return {
    blocks: lines.length === 0 ? blocks.slice(0, 2) : blocks,
    wrong: brokenPromises(truths, judged).map((line) => `${SERVERS[version]}: ${line}`),
    missing: judgements.flatMap(({ missing }) => missing),
  };
}

/** Before the damage all is whole; the registry's cache then knows all of it, and so does the memory. */
async function warm(url: string, program: string, memory: string): Promise<void> {
  const words = ["probe", url, "--rate", "0", "--format", "json", "--memory", memory];
  const { exitCode, stdout } = await measure(process.execPath, [program, ...words]);
  if (exitCode !== 0) throw new Error(`of whole images the probe says: ${stdout.slice(0, 2_000)}`);
}

runSection({
  name: "verdicts",
  title: "Verdicts against the known truth",
  measure: async (args): Promise<SectionContent> => {
    const hasBoth = findDistribution3() !== null;
    const versions: readonly DistributionVersion[] =
      hasBoth && args.form === "long" ? ["2.8", "3.1"] : ["2.8"];
    const blocks: Block[] = [{ text: WHAT }, ...(args.form === "long" ? [] : [{ text: ONE_SERVER }])];
    const wrong: string[] = [];
    const missing = hasBoth ? [] : ["distribution 3.1"];
    for (const version of versions) {
      const found = await judgeOn(version, args.program);
      blocks.push(...found.blocks);
      wrong.push(...found.wrong);
      missing.push(...found.missing);
    }
    return { blocks, bars: [], wrong, missing: [...new Set(missing)] };
  },
});
