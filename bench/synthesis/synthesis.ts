/** The synthesis of the reference estate beside a bare `require("cdktf")` and beside its resources alone, and of ever more elements. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measurement } from "../measure";
import { counted, figure, figures } from "../report/figures";
import type { SectionContent } from "../report/record";
import { type ScaledCosts, scaledBars, scaledTable } from "../report/scaled-costs";
import { median, medianRatio } from "../report/statistics";
import { runSection } from "../section";
import { type EstateRuns, estateRuns } from "./estate-runs";
import { profileTable } from "./profile-table";
import { scaledSeconds } from "./scaled-seconds";

const NAMES = {
  registries: "registries in one probe, with their alerts",
  probes: "probes of one registry each",
  services: "services in a catalogue",
} as const;

interface Plan {
  readonly rounds: number;
  /** Of an element's kind: numbers of them, and rounds of each. */
  readonly sizes: Readonly<
    Record<keyof typeof NAMES, readonly (readonly [elements: number, rounds: number])[]>
  >;
}

const HUNDREDS = [
  [10, 3],
  [100, 3],
] as const;

const PLANS: Readonly<Record<"quick" | "long", Plan>> = {
  quick: {
    rounds: 3,
    sizes: {
      registries: [
        [10, 1],
        [100, 1],
      ],
      probes: [
        [10, 1],
        [100, 1],
      ],
      services: [
        [10, 1],
        [100, 1],
        [1_000, 1],
      ],
    },
  },
  long: {
    rounds: 9,
    sizes: {
      registries: [...HUNDREDS, [1_000, 1]],
      probes: [...HUNDREDS, [1_000, 3]],
      services: [...HUNDREDS, [1_000, 3], [10_000, 1]],
    },
  },
};

runSection({
  name: "synthesis",
  title: "Synthesis",
  measure: async ({ form, rounds: given }): Promise<SectionContent> => {
    const { rounds, sizes } = PLANS[form];
    const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
    try {
      const runs = await estateRuns(given ?? rounds, folder);
      const scaled: ScaledCosts[] = [];
      for (const kind of ["registries", "probes", "services"] as const) {
        const costs = new Map<number, readonly number[]>();
        for (const [elements, times] of sizes[kind]) {
          costs.set(elements, await scaledSeconds(kind, elements, times, join(folder, "scaled")));
        }
        scaled.push({ name: NAMES[kind], rounds: costs });
      }
      return content(runs, scaled);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

function content(
  { runs: { bare, raw, estate }, parts, resources }: EstateRuns,
  scaled: readonly ScaledCosts[],
): SectionContent {
  const wall = (runs: readonly Measurement[]) => runs.map(({ wallSeconds }) => wallSeconds);
  const row = (name: string, runs: readonly Measurement[]) => [
    name,
    figures(wall(runs)),
    figure(median(wall(runs))),
    figure(medianRatio(wall(runs), wall(bare))),
    figure(medianRatio(wall(runs), wall(raw))),
    figure(median(runs.map(({ cpuSeconds }) => cpuSeconds))),
    figure(median(runs.map(({ maxResidentMiB }) => maxResidentMiB))),
  ];
  const total = [...resources.values()].reduce((sum, one) => sum + one, 0);
  return {
    blocks: [
      {
        text:
          "A process each, from its start to its end, in turn. Between the two stands what the estate's resources cost without this " +
          "library: the same ones with the same arguments, read from its output, made by cdktf's and the providers' own classes " +
          `(${[...resources].map(([type, count]) => `${count} × ${type}`).join(", ")}); without the files that they carry and all that is written beside them.`,
      },
      {
        table: {
          head: ["", "s, by round", "median s", "× the bare require", "× the raw resources", "CPU s", "MiB"],
          rows: [
            row("`node -e 'require(\"cdktf\")'`", bare),
            row(`the estate's ${counted(total, "resource")} without this library`, raw),
            row("the reference estate, `node dist/stacks/main.js`", estate),
          ],
          words: [0, 1],
        },
      },
      {
        text:
          "Where the time goes, by V8's profiler, which slows them, of the quickest run of each: a function's time is its room's of " +
          "this library or its package's, what Node does for it included; what Node does to load modules is a line of its own.",
      },
      { table: profileTable(parts) },
      {
        text:
          "By number of elements, from the first construct to the last file, without what it takes to load the libraries. " +
          "The exponent is the slope through the logarithms: 1 is a cost that grows as the elements do. What is paid once " +
          "makes few elements dear and the exponent small.",
      },
      { table: scaledTable(scaled) },
    ],
    bars: [
      {
        text: 'the estate\'s synthesis over a bare require("cdktf")',
        measured: medianRatio(wall(estate), wall(bare)),
        rule: "at most",
        limit: 1.3,
      },
      ...scaledBars(scaled),
    ],
    wrong: [],
    missing: [],
  };
}
