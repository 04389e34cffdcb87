/** The walk of real registries, timed from outside, beside the registry's own ceiling and beside what else could be used. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DistributionVersion } from "../../test/support/distribution";
import { findDistribution3 } from "../../test/support/require-tool";
import { writeImage } from "../../test/support/write-image";
import { cpuSecondsOf } from "../measure";
import { counted } from "../report/figures";
import type { SectionContent } from "../report/record";
import { runSection, type SectionArguments } from "../section";
import { countsOf, fillStore, type Store, type StoreShape } from "../store";
import { measureCeiling, referencesByGet } from "./ceiling";
import { type Contender, runRounds, type Series } from "./contender";
import { CI_ESTATE, CONNECTIONS, PLANS, type WalkPlan } from "./plan";
import { countByKind, type RecordedRequest, recordRequests } from "./recorded-requests";
import { CRANE_FAST, CURL, rivals } from "./rivals";
import { otherModes, RANGE, tallyman } from "./tallyman";
import { type Front, type Target, withTarget } from "./target";
import {
  CEILING,
  type EstateResult,
  estateBars,
  estateBlocks,
  type FrontResult,
  frontTable,
  OWN_CEILING,
  referencesOf,
} from "./walk-content";

/** An estate on disk, and a folder for what the measurements write. */
interface Estate {
  readonly name: string;
  readonly shape: StoreShape;
  readonly root: string;
  readonly store: Store;
  readonly folder: string;
}

const SERVERS = { "2.8": "docker-registry 2.8", "3.1": "distribution 3.1" } as const;

async function measureWalk(args: SectionArguments): Promise<SectionContent> {
  const plan = PLANS[args.form];
  const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const estates = Object.entries(plan.estates).map(([name, shape]) => fill(name, shape, folder));
    const versions: readonly DistributionVersion[] = findDistribution3() === null ? ["2.8"] : ["2.8", "3.1"];
    const results: EstateResult[] = [];
    const missing = new Set(versions.length === 2 ? [] : ["distribution 3.1"]);
    for (const version of versions) {
      for (const estate of estates) {
        const result = await withTarget(version, "plain", estate.root, estate.folder, (target) =>
          measureEstate(version, estate, target, plan, args, missing),
        );
        results.push(result);
        console.log(
          `${result.name}: ${result.series[0]?.runs.map((run) => run.wallSeconds.toFixed(2)).join(", ")} s`,
        );
      }
    }
    const small = fill("small", plan.frontShape, folder);
    const fronts = await measureFronts(small, plan, args);
    const references = referencesOf(countsOf(small.shape));
    return {
      blocks: [
        { text: WHAT },
        { text: askedWhere(plan) },
        ...results.flatMap(estateBlocks),
        { heading: `By connections, with Basic auth, over TLS (${SERVERS["2.8"]}, ${CI_ESTATE})` },
        {
          text:
            `${counted(small.store.tags.length, "tag")}, ${counted(references, "reference")}: a walk so short that its start and the compiler's first second weigh. ` +
            "16 connections where nothing else is said. Basic auth is by bcrypt at cost 5, which the registry checks at every request; TLS is the registry's own.",
        },
        { table: frontTable(fronts, references) },
      ],
      bars: results.flatMap((result) => estateBars(result, { craneFast: CRANE_FAST, curl: CURL })),
      wrong: [],
      missing: [...missing],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(name: string, shape: StoreShape, folder: string): Estate {
  const own = mkdtempSync(join(folder, "estate-"));
  const root = join(own, "storage");
  return {
    name,
    shape,
    root,
    folder: own,
    store: fillStore((...image) => writeImage(root, ...image), shape),
  };
}

const WHAT =
  "A whole process, start included, against a registry on the same cores with its caches warm. The ceiling is what the " +
  "registry gives a client in C that drops what it gets: wrk GETs every manifest and the last byte of every blob by the " +
  "walk's own paths. Where the walk asks otherwise (HEAD, a small blob whole), a second ceiling takes its requests as they " +
  "were recorded, HEADs at the rate of `ab -i` for one path. A rival that was asked for a part is scaled to the whole. " +
  "Cores: of processor time, its own and the registry's, to a second of the clock.";

function askedWhere({ allRivalsOn, rivalRounds }: WalkPlan): string {
  const servers = allRivalsOn.map((version) => SERVERS[version]).join(" and ");
  return (
    `The slower rivals and the other modes are asked on ${servers}, the rivals in ${counted(rivalRounds, "round")}; the walk, ` +
    "the ceiling and crane by four processes everywhere in all rounds."
  );
}

async function measureEstate(
  version: DistributionVersion,
  estate: Estate,
  target: Target,
  plan: WalkPlan,
  args: SectionArguments,
  missing: Set<string>,
): Promise<EstateResult> {
  const { shape, store, folder } = estate;
  const counts = countsOf(shape);
  const warming = (url: string) => tallyman({ ...target, url }, counts, args.program, "range", RANGE).run();
  const requests = await recordRequests(target.url, warming);
  const others = rivals(target, store, plan.samples, folder);
  for (const tool of others.missing) missing.add(tool);
  const isWhole = plan.allRivalsOn.includes(version);
  const contenders = [
    tallyman(target, counts, args.program, "range", RANGE),
    ceiling(CEILING, target, referencesByGet(store), 16, plan, folder),
    ...(asksOtherwise(requests, store) ? [ceiling(OWN_CEILING, target, requests, 16, plan, folder)] : []),
    ...others.contenders.filter(({ name }) => name === CRANE_FAST),
    ...(isWhole
      ? [
          ...others.contenders
            .filter(({ name }) => name !== CRANE_FAST)
            .map((one) => ({ ...one, rounds: plan.rivalRounds })),
          ...otherModes(args.program).map(([mode, name]) =>
            tallyman(target, counts, args.program, mode, name),
          ),
        ]
      : []),
  ];
  return {
    name: `${SERVERS[version]}, ${estate.name}`,
    tags: store.tags.length,
    counts,
    asked: countByKind(requests),
    series: await runRounds(contenders, args.rounds ?? plan.rounds[version]),
  };
}

/** Whether the walk's requests for objects are others than one GET each, of a blob by its last byte. */
function asksOtherwise(requests: readonly RecordedRequest[], store: Store): boolean {
  const expected = new Set(referencesByGet(store).map(({ path, range }) => `${path} ${range}`));
  const objects = requests.filter(({ path }) => /\/(?:manifests|blobs)\//.test(path));
  return objects.some(({ method, path, range }) => method !== "GET" || !expected.has(`${path} ${range}`));
}

function ceiling(
  name: string,
  target: Target,
  requests: readonly RecordedRequest[],
  connections: number,
  { ceilingSeconds: seconds }: WalkPlan,
  folder: string,
): Contender {
  return {
    name,
    asked: "at its rate",
    run: async () => {
      const began = performance.now();
      const cpuBefore = cpuSecondsOf(target.pid);
      const { wallSeconds, cpuSeconds } = await measureCeiling(
        target,
        requests,
        connections,
        seconds,
        folder,
      );
      const share = wallSeconds / ((performance.now() - began) / 1000);
      return {
        wallSeconds,
        cpuSeconds,
        registryCpuSeconds: (cpuSecondsOf(target.pid) - cpuBefore) * share,
        maxResidentMiB: Number.NaN,
        disagreement: null,
      };
    },
  };
}

async function measureFronts(
  estate: Estate,
  plan: WalkPlan,
  args: SectionArguments,
): Promise<readonly FrontResult[]> {
  const rounds = args.rounds ?? plan.frontRounds;
  const { shape, store, root, folder } = estate;
  const counts = countsOf(shape);
  const beside = async (name: string, target: Target, connections: number): Promise<FrontResult> => {
    const pair = [
      tallyman(target, counts, args.program, "range", RANGE, connections),
      ceiling(CEILING, target, referencesByGet(store), connections, plan, folder),
    ];
    const [walk, most] = await runRounds(pair, rounds);
    return { name, walk: walk as Series, ceiling: most as Series };
  };
  const over = (front: Front, use: (target: Target) => Promise<readonly FrontResult[]>) =>
    withTarget("2.8", front, root, folder, async (target) => {
      await tallyman(target, counts, args.program, "range", RANGE).run(); // warms the registry's cache
      return use(target);
    });
  const found = [
    ...(await over("plain", async (target) => {
      const results: FrontResult[] = [];
      for (const connections of CONNECTIONS) {
        const name = `${connections} connection${connections === 1 ? "" : "s"}`;
        results.push(await beside(name, target, connections));
      }
      return results;
    })),
    ...(await over("basic", async (target) => [await beside("Basic auth", target, 16)])),
    ...(await over("tls", async (target) => [await beside("TLS", target, 16)])),
  ];
  return found;
}

runSection({ name: "walk", title: "The walk", measure: measureWalk });
