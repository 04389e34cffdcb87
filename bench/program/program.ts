/** What the program weighs and how fast it starts, beside Node alone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Measurement, measure } from "../measure";
import { figure, figures } from "../report/figures";
import type { SectionContent, Table } from "../report/record";
import { median, medianRatio } from "../report/statistics";
import { runSection } from "../section";

const ROUNDS = { quick: 5, long: 15 } as const;
const LIBRARY = join("dist", "lib", "cli");
const BUNDLES = [
  ["tallyman.mjs", "runs in the cluster, carried by a ConfigMap"],
  ["tallyman-verify.mjs", "runs as a pipeline's step"],
  ["tallyman-host.mjs", "runs on a registry host"],
] as const;

function starts(program: string): readonly (readonly [name: string, words: readonly string[]])[] {
  return [
    ["`node -e 0`", ["-e", "0"]],
    ["the program in the cluster, `--help`", [program, "--help"]],
    ["the command with all verbs, `--help`", [join(LIBRARY, "main.js"), "--help"]],
  ];
}

function sizes(): Table {
  return {
    head: ["bundle", "KiB", "gzip'ed KiB", ""],
    rows: BUNDLES.map(([name, use]) => {
      const bytes = readFileSync(join(LIBRARY, name));
      const compressed = gzipSync(bytes, { level: 9 });
      return [`\`${name}\``, figure(bytes.length / 1024), figure(compressed.length / 1024), use];
    }),
    words: [0, 3],
  };
}

runSection({
  name: "program",
  title: "The program: size and start",
  measure: async ({ form, program, rounds }): Promise<SectionContent> => {
    const contenders = starts(program);
    const runs = contenders.map((): Measurement[] => []);
    for (let round = 0; round < (rounds ?? ROUNDS[form]); round++) {
      for (const [i, [name, words]] of contenders.entries()) {
        const run = await measure(process.execPath, words);
        if (run.exitCode !== 0) throw new Error(`${name} ends with ${run.exitCode}`);
        runs[i]?.push(run);
      }
    }
    const milliseconds = runs.map((one) => one.map(({ wallSeconds }) => wallSeconds * 1000));
    const [bare = []] = milliseconds;
    return {
      blocks: [
        { table: sizes() },
        {
          table: {
            head: ["start to end", "ms, by round", "median ms", "× Node alone", "MiB"],
            rows: contenders.map(([name], i) => [
              name,
              figures(milliseconds[i] ?? []),
              figure(median(milliseconds[i] ?? [])),
              figure(medianRatio(milliseconds[i] ?? [], bare)),
              figure(median((runs[i] ?? []).map(({ maxResidentMiB }) => maxResidentMiB))),
            ]),
            words: [0, 1],
          },
        },
      ],
      bars: [],
      wrong: [],
      missing: [],
    };
  },
});
