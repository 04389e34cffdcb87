import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { type Carrier, carriersOf, textOf } from "./carriers";
import { compareOptions, isSharedWalk } from "./compare-options";
import { type Finding, judge } from "./finding";
import { type ProbedRegistry, probedRegistries } from "./probe-arguments";
import { workloadOf } from "./workload";

/** Which registries are probed, and how much of each. */
export const coverageRule: DomainRule = { name: "coverage", judge: judgeCoverage };

interface ProbePair {
  readonly before: ProbedRegistry;
  readonly after: ProbedRegistry;
}

function judgeCoverage(input: RuleInput): readonly Judged[] {
  if (input.deltas.length === 0) return [];
  const { base, head } = carriersOf(input);
  const [before, after] = [base.flatMap(registriesOf), head.flatMap(registriesOf)];
  if (before.length === 0 && after.length === 0) return [];
  const index = DeltaIndex.of(input);
  const { pairs, removed, added } = match(before, after);
  return judge([
    ...removed.map((one) => removal(one, after, index)),
    ...added.map((one) => addition(one, before, index)),
    ...pairs.flatMap((pair) => optionFindings(pair, index)),
  ]);
}

function registriesOf(carrier: Carrier): readonly ProbedRegistry[] {
  const workload = workloadOf(carrier);
  return workload === null ? [] : probedRegistries(workload);
}

/** One registry once per place, else once per stack, as a probe that became an exporter still probes. */
function match(before: readonly ProbedRegistry[], after: readonly ProbedRegistry[]) {
  const pairs: ProbePair[] = [];
  let removed = before;
  let added = after;
  const ways: readonly ((one: ProbedRegistry) => string)[] = [
    ({ workload, instance }) => JSON.stringify([workload.place, instance]),
    ({ workload, instance }) => JSON.stringify([workload.scope, instance]),
  ];
  for (const keyOf of ways) {
    const left = new Map(added.map((one) => [keyOf(one), one]));
    const rest: ProbedRegistry[] = [];
    for (const one of removed) {
      const now = left.get(keyOf(one));
      if (now === undefined) rest.push(one);
      else pairs.push({ before: one, after: now });
      left.delete(keyOf(one));
    }
    const paired = new Set(pairs.map((pair) => pair.after));
    added = added.filter((one) => !paired.has(one));
    removed = rest;
  }
  return { pairs, removed, added };
}

function removal(one: ProbedRegistry, after: readonly ProbedRegistry[], index: DeltaIndex): Finding {
  const { instance, workload, container } = one;
  const common = {
    place: workload.place,
    subject: instance,
    before: `probed by ${workload.kind} ${workload.name}`,
    after: null,
    covers: [...index.within(container.value), ...index.ofWhole([container.value])],
  };
  if (after.some((other) => other.instance === instance)) {
    const text = `${instance}: ${workload.kind} ${workload.name} no longer probes it, another workload still does`;
    return { ...common, grade: "notice", kind: "probe_removed", text };
  }
  const isLast = after.length === 0;
  const last = isLast ? ", and neither is any other registry" : "";
  const text = `${instance}: no longer probed${last}: a loss is found by whoever pulls`;
  return { ...common, grade: isLast ? "danger" : "risk", kind: "registry_not_probed", text };
}

function addition(one: ProbedRegistry, before: readonly ProbedRegistry[], index: DeltaIndex): Finding {
  const { instance, workload, container } = one;
  const isKnown = before.some((other) => other.instance === instance);
  return {
    grade: "info",
    kind: "coverage_widened",
    place: workload.place,
    subject: instance,
    before: null,
    after: `probed by ${workload.kind} ${workload.name}`,
    text: `${instance}: probed ${isKnown ? "also" : "now"} by ${workload.kind} ${workload.name}`,
    covers: [...index.within(container.value), ...index.ofWhole([container.value])],
  };
}

function optionFindings({ before, after }: ProbePair, index: DeltaIndex): readonly Finding[] {
  const { instance, workload } = after;
  const lists = [...before.container.lists, ...after.container.lists];
  const covers = [...lists.flatMap((list) => index.within(list))];
  // Of a CronJob the option repeats the schedule, whose change is told by itself.
  const isRepeated = textOf(before.workload.spec, "schedule") !== textOf(after.workload.spec, "schedule");
  const changes = compareOptions(before, after)
    .filter((change) => !isSharedWalk(change))
    .filter(({ option }) => !(option === "interval" && after.command === "probe" && isRepeated));
  const own = before.command === after.command ? [] : [commandChange(before, after)];
  return [...own, ...changes].map(({ option, text, ...change }) => ({
    ...change,
    place: workload.place,
    subject: `${instance} ${option === "" ? "command" : `--${option}`}`,
    text: `${instance}: ${text}`,
    covers,
  }));
}

function commandChange(before: ProbedRegistry, after: ProbedRegistry) {
  const kind = "probe_option_changed";
  const text = `${before.command} by ${before.workload.kind} → ${after.command} by ${after.workload.kind}`;
  return { option: "", grade: "notice", kind, before: before.command, after: after.command, text } as const;
}
