import { Duration } from "../../core/duration";
import type { Registry } from "../registry";
import { type AlertContext, logsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { BY_INSTANCE } from "./probe-series";
import { changes, compare, min, or } from "./promql";
import { anonymousProof, inaccessibleProof, refusedProof } from "./proofs/access-proofs";

/** As for damage: what comes and goes three times in four intervals stands. */
const FLAPPING_CHANGES = 3;

export function inaccessibleAlert(context: AlertContext, registry: Registry): AlertDefinition {
  const { instance } = registry;
  const { confirmedFor, flappingWithin, flappingStep } = context.thresholds;
  const accessible = min(BY_INSTANCE, seriesOf(context, registry).of("catalog_accessible"));
  return {
    alert: "RegistryCatalogInaccessible",
    reason: "catalog_unreadable",
    instance,
    severity: "critical",
    for: confirmedFor,
    expr: or(
      compare(accessible, "==", 0),
      compare(changes(accessible, flappingWithin, flappingStep), ">=", FLAPPING_CHANGES),
    ),
    summary: "The list of repositories of {{ $labels.instance }} cannot be read: nothing is proven",
    description:
      "The registry is down, refuses the probe's credentials, or cannot be reached from the cluster. Nothing is " +
      "known of its images until that is mended.",
    command: logsCommand(context, registry),
    source: "probe",
    cases: (times) => inaccessibleProof(context, registry, times),
  };
}

export function refusedAlert(context: AlertContext, registry: Registry): AlertDefinition {
  const { instance } = registry;
  const probe = seriesOf(context, registry);
  const refused = probe.of("undetermined", { reason: "unauthorized" });
  return {
    alert: "RegistryProbeAuthFailure",
    reason: "credentials_refused",
    instance,
    severity: "warning",
    // Sooner than the catalogue's alert, which it inhibits.
    for: Duration.minutes(1),
    expr: compare(probe.total(refused), ">", 0),
    summary: "{{ $labels.instance }} refuses the probe's credentials",
    description:
      "The registry answered 401 or 403 to {{ $value }} requests of the probe's last run. Images may be sound, but " +
      "what was refused is not proven.",
    command: logsCommand(context, registry),
    source: "probe",
    cases: (times) => refusedProof(context, registry, times),
  };
}

/** For registries that are declared private: of others there is no such series. */
export function anonymousAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  const { instance, options } = registry;
  if (options.private !== true) return [];
  const enforced = seriesOf(context, registry).of("auth_enforced");
  return [
    {
      alert: "RegistryAuthNotEnforced",
      reason: "anonymous_access",
      instance,
      severity: "critical",
      for: Duration.minutes(5),
      expr: compare(min(BY_INSTANCE, enforced), "==", 0),
      summary: "{{ $labels.instance }} is private, and serves everybody",
      description:
        "An anonymous request was answered with 200. Either the registry lost its authentication, or its name leads " +
        "to another registry, as after a proxy resolved an address that changed hands.",
      command: logsCommand(context, registry),
      source: "probe",
      cases: (times) => anonymousProof(context, registry, times),
    },
  ];
}
