/** What else could be used, over the same images. */
import { join, resolve } from "node:path";
import { MANIFEST_ACCEPT } from "../../lib/oci/media-type";
import { findTool, requireTool } from "../../test/support/require-tool";
import { measure } from "../measure";
import type { Store } from "../store";
import { type Contender, observed, sampleOf } from "./contender";
import type { Target } from "./target";

/** As seen from the bundle in dist/bench. */
export const CURL_LOOP = resolve(__dirname, "../../bench/walk/curl-loop.sh");
export const ACCEPT = MANIFEST_ACCEPT.join(", ");

/** At most how many tags, or references, each slow rival is asked for. */
export interface Samples {
  readonly craneFast: number;
  readonly craneFastAlone: number;
  readonly craneFull: number;
  readonly skopeoInspect: number;
  readonly skopeoCopy: number;
  readonly curlReferences: number;
}

/** For all images together: what never answers is an error, and no figure. */
const TIMEOUT_SECONDS = "900";

export const CRANE_FAST = "crane validate --fast, 4 processes";
export const CURL = "one curl a request, blobs by range";

interface ImageRival {
  readonly name: string;
  readonly tool: string;
  readonly processes: number;
  readonly sample: number;
  /** The program's words, with `{}` for the image. */
  readonly words: readonly string[];
}

/** Those that are on this machine, and the names of the tools that are not. */
export function rivals(
  target: Target,
  store: Store,
  samples: Samples,
  folder: string,
): { readonly contenders: readonly Contender[]; readonly missing: readonly string[] } {
  const crane = (fast: boolean, processes: number, sample: number): ImageRival => ({
    name: `crane validate${fast ? " --fast" : ""}, ${processes} process${processes === 1 ? "" : "es"}`,
    tool: "crane",
    processes,
    sample,
    words: ["validate", ...(fast ? ["--fast"] : []), "--remote", "{}"],
  });
  const skopeo = (verb: string, sample: number, words: readonly string[]): ImageRival => ({
    name: `skopeo ${verb}, one image a process`,
    tool: "skopeo",
    processes: 1,
    sample,
    words: ["--insecure-policy", verb, ...words],
  });
  const all = [
    crane(true, 4, samples.craneFast),
    crane(true, 1, samples.craneFastAlone),
    crane(false, 4, samples.craneFull),
    crane(false, 1, samples.craneFull),
    skopeo("inspect", samples.skopeoInspect, ["--tls-verify=false", "docker://{}"]),
    skopeo("copy", samples.skopeoCopy, [
      ...["--all", "--quiet", "--src-tls-verify=false"],
      ...["docker://{}", `dir:${join(folder, "copied")}`],
    ]),
  ];
  const missing = [...new Set(all.map(({ tool }) => tool))].filter((tool) => findTool(tool) === null);
  const there = all.filter(({ tool }) => !missing.includes(tool));
  return {
    contenders: [
      ...there.map((rival) => imageContender(target, store, rival)),
      curlLoop(target, store, samples.curlReferences),
    ],
    missing,
  };
}

function imageContender(target: Target, store: Store, rival: ImageRival): Contender {
  const images = sampleOf(
    store.tags.map(({ repository, tag }) => `${target.host}/${repository}:${tag}`),
    rival.sample,
  );
  const command = ["-P", `${rival.processes}`, "-I", "{}", requireTool(rival.tool), ...rival.words];
  return {
    name: rival.name,
    asked: askedFor(images.length, store.tags.length, "tags"),
    run: () =>
      observed(target.pid, images.length / store.tags.length, async () => {
        const run = await measure("timeout", [TIMEOUT_SECONDS, "xargs", ...command], {
          stdin: images.join("\n"),
        });
        const failed = "does not say of every image that it is whole";
        return { run, disagreement: run.exitCode === 0 ? null : failed };
      }),
  };
}

/** One curl process a request, from a shell that is given the list of references for nothing. */
function curlLoop(target: Target, store: Store, atMost: number): Contender {
  const references = [
    ...store.manifestPaths.map((path) => `manifest ${target.url}/v2/${path}`),
    ...store.blobs.map(
      ({ repository, digest, size }) => `range ${target.url}/v2/${repository}/blobs/${digest} ${size - 1}`,
    ),
  ];
  const sample = sampleOf(references, atMost);
  return {
    name: CURL,
    asked: askedFor(sample.length, references.length, "references"),
    run: () =>
      observed(target.pid, sample.length / references.length, async () => {
        const run = await measure("sh", [CURL_LOOP, ACCEPT], { stdin: `${sample.join("\n")}\n` });
        return { run, disagreement: run.exitCode === 0 ? null : `says ${run.stdout.trim()}` };
      }),
  };
}

function askedFor(some: number, all: number, what: string): string {
  return some === all ? "all" : `${some} of ${all.toLocaleString("en-GB")} ${what}`;
}
