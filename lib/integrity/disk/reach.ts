import { Edge, type ObjectGraph } from "../object-graph";

/** Who loses by a broken object: the roots that reach it by the strongest kind of edge that reaches it at all. */
export interface Reach {
  readonly edge: Edge;
  readonly roots: number[];
}

/** For each of `ids` the roots that lead to it; nothing for what no root reaches. */
export function whoReaches(
  graph: ObjectGraph,
  roots: Iterable<number>,
  ids: readonly number[],
): Map<number, Reach> {
  const found = new Map<number, Reach>();
  if (ids.length === 0) return found;
  const wanted = new Uint8Array(graph.count);
  for (const id of ids) wanted[id] = 1;
  const seen = new Int32Array(graph.count);
  const distinct = new Set(roots);
  let epoch = 0;
  for (const edge of [Edge.image, Edge.attestation, Edge.subject]) {
    for (const root of distinct) {
      graph.reach(root, edge, seen, ++epoch, (id) => {
        if (wanted[id] !== 1) return;
        const reach = found.get(id) ?? { edge, roots: [] };
        if (reach.edge === edge) reach.roots.push(root);
        found.set(id, reach);
      });
    }
  }
  return found;
}
