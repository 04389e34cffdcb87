import type { IConstruct } from "constructs";

/**
 * Constructs of one kind by the tree that they stand in and a key: what each of many asks about all others would else
 * be a walk through the whole tree for each.
 */
export class ConstructIndex<T extends IConstruct> {
  private readonly trees = new WeakMap<IConstruct, Map<string, Set<T>>>();

  add(tree: IConstruct, key: string, construct: T): void {
    const keys = this.trees.get(tree) ?? new Map<string, Set<T>>();
    this.trees.set(tree, keys);
    keys.set(key, (keys.get(key) ?? new Set()).add(construct));
  }

  /** In the order in which they were added, without those that were removed from the tree since. */
  find(tree: IConstruct, key: string): readonly T[] {
    return [...(this.trees.get(tree)?.get(key) ?? [])].filter((one) => isBelow(one, tree));
  }
}

function isBelow(construct: IConstruct, tree: IConstruct): boolean {
  let one = construct;
  while (one !== tree) {
    const { scope, id } = one.node;
    if (scope?.node.tryFindChild(id) !== one) return false;
    one = scope;
  }
  return true;
}
