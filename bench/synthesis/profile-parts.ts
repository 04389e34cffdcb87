/**
 * A V8 profile of Node summed by the part of the program that was at work.
 * https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
 */

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  /** Ids of the nodes that were at work, sample by sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

const LOADING = "finding, reading and compiling modules";
/** V8's own names of what is no function. */
const OWN = new Map([
  ["(garbage collector)", "garbage collection"],
  ["(idle)", null],
  ["(program)", "Node itself: its start, native code"],
  ["(root)", "Node itself: its start, native code"],
]);

/**
 * Milliseconds by part: a room of this library, a package, Node. What Node does for a part counts as the part's;
 * what it does to load a module, as loading.
 */
export function partsOf({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<string, number> {
  const partOf = new Map<number, string | null>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: number, above: string | null): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const { functionName, url } = node.callFrame;
    const own = OWN.get(functionName);
    const part = own !== undefined ? own : partOfFrame(url, above);
    partOf.set(id, part);
    for (const child of node.children ?? []) visit(child, part);
  };
  const children = new Set(nodes.flatMap((node) => node.children ?? []));
  for (const { id } of nodes) if (!children.has(id)) visit(id, null);
  const parts = new Map<string, number>();
  samples.forEach((id, i) => {
    const part = partOf.get(id) ?? null;
    if (part !== null) parts.set(part, (parts.get(part) ?? 0) + (timeDeltas[i] ?? 0) / 1_000);
  });
  return parts;
}

function partOfFrame(url: string, above: string | null): string | null {
  if (url.startsWith("node:internal/modules/")) return LOADING;
  if (url === "" || url.startsWith("node:")) return above;
  const packages = url.split("/node_modules/");
  const inPackage = packages.length > 1 ? packages.at(-1) : undefined;
  if (inPackage !== undefined) return /^(?:@[^/]+\/)?[^/]+/.exec(inPackage)?.[0] ?? inPackage;
  const [, path = url] = /\/(?:dist|bench)\/(.*)$/.exec(url) ?? [];
  // The Markdown libraries are bundled there.
  return /^lib\/(?:text\/markdown|[^/]+)/.exec(path)?.[0] ?? path.split("/")[0] ?? path;
}
