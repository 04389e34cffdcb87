import type { ResourceOutput, SynthesizedOutput } from "../../output";
import type { RuleInput } from "../domain-rule";
import { keyOf } from "./place-pairs";

/**
 * Of both outputs what differs, for a rule that reads whole outputs and has nothing to say of the rest: resources, with
 * all of a stack that came or went, settings and artifacts. A renamed resource stands in the older one by its newer name.
 */
export function changedPart({ base, head, deltas, renames }: RuleInput): Pick<RuleInput, "base" | "head"> {
  const differing = new Set(deltas.map(({ place }) => keyOf(place)));
  const renamed = new Map(renames.map(({ from, to }) => [`${from.stack}\n${from.address}`, to]));
  const asIs = (stack: string, address: string) => ({ stack, address });
  return {
    base: partOf(
      base,
      differing,
      (stack, address) => renamed.get(`${stack}\n${address}`) ?? asIs(stack, address),
    ),
    head: partOf(head, differing, asIs),
  };
}

type Naming = (stack: string, address: string) => { readonly stack: string; readonly address: string };

function partOf(
  output: SynthesizedOutput,
  differing: ReadonlySet<string>,
  nameOf: Naming,
): SynthesizedOutput {
  const byStack = new Map<string, Map<string, ResourceOutput>>();
  for (const [stack, { resources }] of output.stacks) {
    const isWhole = differing.has(keyOf({ kind: "stack", stack }));
    for (const [address, resource] of resources) {
      const name = nameOf(stack, address);
      if (!isWhole && !differing.has(keyOf({ kind: "resource", ...name }))) continue;
      const known = byStack.get(name.stack) ?? new Map<string, ResourceOutput>();
      byStack.set(name.stack, known.set(name.address, { ...resource, address: name.address }));
    }
  }
  const names = new Set([...output.stacks.keys(), ...byStack.keys()]);
  return {
    stacks: new Map(
      [...names].map((name) => {
        const isDiffering = [
          keyOf({ kind: "settings", stack: name }),
          keyOf({ kind: "stack", stack: name }),
        ].some((key) => differing.has(key));
        const settings = isDiffering ? (output.stacks.get(name)?.settings ?? {}) : {};
        return [name, { name, settings, resources: byStack.get(name) ?? new Map() }];
      }),
    ),
    artifacts: new Map(
      [...output.artifacts].filter(([path]) => differing.has(keyOf({ kind: "artifact", path }))),
    ),
  };
}
