import { Duration } from "../../core/duration";
import { LABEL_INSTANCE, PUSH_JOB } from "../../integrity/contract";
import type { Registry } from "../registry";
import { PUSHGATEWAY_JOB } from "../scrape/scrape-jobs";
import { type AlertContext, logsCommand, seriesOf } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { absent, compare, foreign, max, or } from "./promql";
import { gatewayDownProof, rejectedProof } from "./proofs/push-proofs";

/** The label `job` under which the Pushgateway's own metrics are scraped; null where they are not. */
export function pushgatewayJob({ options, spec }: AlertContext): string | null {
  const { pushgateway = false } = options;
  if (pushgateway === false || spec.run.kind !== "cronJob") return null;
  return (pushgateway === true ? undefined : pushgateway.job) ?? PUSHGATEWAY_JOB;
}

export function rejectedAlerts(context: AlertContext, registry: Registry): readonly AlertDefinition[] {
  if (pushgatewayJob(context) === null) return [];
  const { instance } = registry;
  const group = { job: PUSH_JOB, ...seriesOf(context, registry).labels };
  return [
    {
      alert: "RegistryProbePushRejected",
      reason: "push_rejected",
      instance,
      severity: "warning",
      for: Duration.minutes(1),
      // Compared group by group, as each keeps both times.
      expr: max(
        [LABEL_INSTANCE],
        compare(foreign("pushFailureTime", group), ">", foreign("pushTime", group)),
      ),
      summary: "The Pushgateway refuses the reports on {{ $labels.instance }}",
      description:
        "Its last push was refused, as it contradicts series that are there, mostly those of a group of the same job " +
        "whose body carries `instance`. What Prometheus sees is the report before.",
      command: logsCommand(context, registry),
      source: "probe",
      cases: (times) => rejectedProof(context, registry, times),
    },
  ];
}

export function gatewayDownAlerts(context: AlertContext): readonly AlertDefinition[] {
  const job = pushgatewayJob(context);
  if (job === null) return [];
  const up = foreign("up", { job });
  return [
    {
      alert: "PushgatewayDown",
      reason: "target_down",
      instance: job,
      severity: "warning",
      for: Duration.minutes(5),
      expr: or(compare(max(["job"], up), "==", 0), absent(up)),
      summary: "The Pushgateway does not answer: no report reaches Prometheus",
      description:
        `Prometheus cannot scrape the job ${job}, or does not know it. Until it can, the probe's findings reach ` +
        "nobody, and a gateway that comes back without its memory begins from nothing.",
      command: "kubectl get pods -A -l app.kubernetes.io/name=prometheus-pushgateway -o wide",
      source: "scrape",
      cases: (times) => gatewayDownProof(job, times),
    },
  ];
}
