import type { Problem } from "../../core/problem";
import type { Step } from "./woodpecker-workflow";

/** Of `dependsOn`: all steps or none have it, it names steps that are there, and no step waits for itself. */
export function checkOrder(steps: readonly Step[]): readonly Problem[] {
  const isGraph = steps.some(({ dependsOn }) => dependsOn !== undefined);
  if (!isGraph) return [];
  const waitsFor = new Map(steps.map(({ name, dependsOn = [] }) => [name, dependsOn]));
  const cyclic = steps.findIndex(({ name }) => reaches(name, name, waitsFor));
  return [
    ...steps.flatMap(({ dependsOn }, index) => {
      const path = `steps[${index}].dependsOn`;
      if (dependsOn !== undefined) return checkNames(dependsOn, path, waitsFor);
      const fix = "Write [] where it shall start at once: it would, as soon as another step has dependsOn.";
      return [{ path, rule: "be given, as another step has it", value: undefined, fix }];
    }),
    ...(cyclic < 0
      ? []
      : [
          {
            path: `steps[${cyclic}].dependsOn`,
            rule: "not lead back to its own step",
            value: steps[cyclic]?.dependsOn,
            fix: "Take out one of the steps that wait for one another.",
          },
        ]),
  ];
}

function checkNames(
  names: readonly string[],
  path: string,
  waitsFor: ReadonlyMap<string, readonly string[]>,
): readonly Problem[] {
  return names
    .filter((name) => !waitsFor.has(name))
    .map((value) => ({
      path,
      rule: "name steps of the workflow",
      value,
      fix: `They are ${[...waitsFor.keys()].join(", ")}.`,
    }));
}

function reaches(from: string, target: string, waitsFor: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [...(waitsFor.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === target) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(waitsFor.get(name) ?? []));
  }
  return false;
}
