import { groupBy } from "../../core/group-by";
import { byCodeUnit } from "../compare/canonical-json";
import type { Rename } from "../delta";
import type { ResourceOutput, StackOutput, SynthesizedOutput } from "../output";
import { type Pair, pairResources, type Unmatched } from "./pair-resources";
import { movedTo, type StateBlocks, stateBlocks } from "./state-blocks";

/** Resources that went from one address and came at another, of the same stack or another, sorted by the newer one. */
export function findRenames(base: SynthesizedOutput, head: SynthesizedOutput): readonly Rename[] {
  const gone = unmatched(base, head);
  const come = unmatched(head, base);
  const blocks = new Map([...head.stacks].map(([name, { settings }]) => [name, stateBlocks(settings)]));
  const said = saidToMove(gone, come, blocks);
  const paired = new Set<Unmatched>(said.flat());
  const byType = (all: readonly Unmatched[]) =>
    groupBy(
      all.filter((one) => !paired.has(one)),
      ({ resource }) => [typeOf(resource)],
    );
  const groups = byType(come);
  const found = [...byType(gone)].flatMap(([type, of]) => pairResources(of, groups.get(type) ?? []));
  return [...said, ...found]
    .map((pair) => renameOf(pair, blocks))
    .sort((a, b) => byCodeUnit(a.to.stack, b.to.stack) || byCodeUnit(a.to.address, b.to.address));
}

function unmatched(of: SynthesizedOutput, other: SynthesizedOutput): readonly Unmatched[] {
  return [...of.stacks.values()].flatMap(({ name, resources }: StackOutput) => {
    const others = other.stacks.get(name)?.resources;
    return [...resources.values()].flatMap((resource) =>
      others?.has(resource.address) ? [] : [{ stack: name, resource }],
    );
  });
}

/** By `moved` blocks, however much else changes. */
function saidToMove(
  gone: readonly Unmatched[],
  come: readonly Unmatched[],
  blocks: ReadonlyMap<string, StateBlocks>,
): readonly Pair[] {
  const targets = new Map(come.map((one) => [JSON.stringify([one.stack, one.resource.address]), one]));
  return gone.flatMap((from): Pair[] => {
    const own = blocks.get(from.stack);
    const address = own === undefined ? null : movedTo(from.resource.address, own);
    const key = JSON.stringify([from.stack, address]);
    const to = targets.get(key);
    if (to === undefined || typeOf(to.resource) !== typeOf(from.resource)) return [];
    targets.delete(key);
    return [[from, to]];
  });
}

/** What is only read is no resource of the same type. */
function typeOf({ address, type }: ResourceOutput): string {
  return address.startsWith("data.") ? `data.${type}` : type;
}

function renameOf([from, to]: Pair, blocks: ReadonlyMap<string, StateBlocks>): Rename {
  const older = blocks.get(from.stack);
  const newer = blocks.get(to.stack);
  const isMoved =
    older !== undefined &&
    from.stack === to.stack &&
    movedTo(from.resource.address, older) === to.resource.address;
  // A stack that is gone destroys nothing by itself.
  const isForgotten = older === undefined || older.forgotten.has(from.resource.address);
  const isImported = newer?.imported.has(to.resource.address) ?? false;
  return {
    type: from.resource.type,
    from: { stack: from.stack, address: from.resource.address },
    to: { stack: to.stack, address: to.resource.address },
    isKept: isMoved || (isForgotten && isImported),
  };
}
