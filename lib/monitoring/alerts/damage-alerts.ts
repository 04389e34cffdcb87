import { Duration } from "../../core/duration";
import { LABEL_INSTANCE } from "../../integrity/contract";
import { promqlString } from "../alert-model";
import type { Registry } from "../registry";
import { type AlertContext, imageNames, isJoined, logsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import type { LabelName } from "./foreign-metrics";
import { BY_INSTANCE } from "./probe-series";
import {
  and,
  changes,
  compare,
  compareBool,
  type Expr,
  escapeRegex,
  foreign,
  labelReplace,
  max,
  or,
  overTime,
} from "./promql";
import { deployedProof, failureProof } from "./proofs/damage-proofs";

/** Turns between found and not found, from which on damage that comes and goes is damage that stands. */
export const FLAPPING_CHANGES = 3;
const LISTED_REFERENCES = 5;
/** Pods that ended today and CronJobs that come tonight. */
const USED_WITHIN = Duration.days(1);

export function failureAlert(context: AlertContext, registry: Registry): AlertDefinition {
  const { thresholds, options } = context;
  const probe = seriesOf(context, registry);
  const own = probe.of("failures");
  const { memory, flappingWithin, flappingStep } = thresholds;
  // A run that could not look reports no count at all: it must not end what the one before it proved.
  const standing = compare(probe.total(overTime("last", own, memory)), ">", 0);
  const isFound = compareBool(max(BY_INSTANCE, own), ">", 0);
  const flapping = and(
    probe.total(overTime("max", own, flappingWithin)),
    BY_INSTANCE,
    compare(changes(isFound, flappingWithin, flappingStep), ">=", FLAPPING_CHANGES),
  );
  return {
    alert: "RegistryManifestIntegrityFailure",
    reason: "damage",
    instance: registry.instance,
    severity: isJoined(options) ? "warning" : "critical",
    for: thresholds.confirmedFor,
    keepFiringFor: thresholds.keepFiringFor,
    expr: or(standing, flapping),
    summary: "{{ $labels.instance }} has {{ $value }} broken references: pulls of their tags fail",
    description:
      "The registry answered twice, definitely, that {{ $value }} manifests or blobs that its tags need are lost " +
      `or damaged. ${listed(context, registry)} Nodes that have the image cached still start pods, all others fail.`,
    command: logsCommand(context, registry),
    source: "probe",
    cases: (times) => failureProof(context, registry, times),
  };
}

/** At most five of them, by name; nothing where the probe names none. */
function listed(context: AlertContext, registry: Registry): string {
  const selector = seriesOf(context, registry).of("broken_reference").promql;
  const query = `topk(${LISTED_REFERENCES}, max by (image, kind) (${selector}) == 1)`;
  // Quoted as Go quotes, so that PromQL's own quotes may stand in it.
  return `{{ range query ${promqlString(query)} }}{{ .Labels.image }} ({{ .Labels.kind }}). {{ end }}`.concat(
    "At most five are named here, the log has all.",
  );
}

/** One for each image that is broken and in use; there is none without the join. */
export function deployedAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const { instance } = registry;
  if (!isJoined(context.options)) return [];
  const broken = max([LABEL_INSTANCE, "image"], seriesOf(context, registry).of("broken_reference"));
  const used = imageNames(context, registry).flatMap((name) =>
    // The first is the runtime's word, which may be a bare digest; the second the workload's own.
    (["image", "image_spec"] as const).map((label) => usedImages(name, label, instance)),
  );
  return [
    {
      alert: "RegistryDeployedImageBroken",
      reason: "deployed_damage",
      instance,
      severity: "critical",
      for: Duration.minutes(1),
      expr: and(compare(broken, "==", 1), ["image"], or(...used)),
      summary: "{{ $labels.image }} is broken and in use: its next pull fails",
      description:
        "A pod of the last day runs {{ $labels.image }}, and the registry lacks a part of it. The pod starts " +
        "nowhere but on a node that has the image cached, and there only while the cache lasts.",
      command: `kubectl get pods -A -o wide | grep -E 'ErrImagePull|ImagePullBackOff'; ${logsCommand(context, registry)}`,
      source: "probe",
      cases: (times) => deployedProof(context, registry, times),
    },
  ];
}

/** Images by the name that the probe gives them, without the digest that a pinned one carries behind its tag. */
function usedImages(name: string, label: LabelName, instance: string): Expr {
  const prefix = `${escapeRegex(name)}/`;
  const pods = foreign("podContainerInfo", { [label]: { matches: `${prefix}.+` } });
  const renamed = labelReplace(
    overTime("max", pods, USED_WITHIN),
    "image",
    `${instance}/$1`,
    label,
    `${prefix}([^@]+)(?:@.*)?`,
  );
  return max(["image"], renamed);
}
