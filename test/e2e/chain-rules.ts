import { Schedule } from "../../lib/core/schedule";
import { renderInhibitRules } from "../../lib/monitoring/alerts/inhibit-rules";
import { ruleSet } from "../../lib/monitoring/alerts/rule-set";
import { ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import { renderRuleFile } from "../../lib/monitoring/render-rules";
import { registryProbe } from "../../stacks/estate/registry-probe";
import type { ChainCase, GatewayName } from "./chain-cases";
import { instanceOf } from "./watched-registry";

/** The estate's own. */
export const { interval: chainInterval, runbookBaseUrl: RUNBOOK_BASE_URL } = registryProbe;

/** The label `job` by which the rules tell the gateways apart. */
export function gatewayJob(gateway: GatewayName): string {
  return `pushgateway-${gateway}`;
}

/**
 * All that the library makes for the estate's schedule and these registries, by the gateway that they report to: a
 * rule file for each, and what inhibits what.
 */
export function chainRules(cases: Readonly<Record<string, ChainCase>>): {
  readonly ruleFiles: readonly string[];
  readonly inhibitRules: string;
} {
  const gateways = [...new Set(Object.values(cases).map(({ gateway }) => gateway))];
  const sets = gateways.map((gateway) => {
    const names = Object.entries(cases).flatMap(([name, one]) => (one.gateway === gateway ? [name] : []));
    const spec = resolveProbe({
      namespace: "monitoring",
      registries: names.map((name) => Registry.at(instanceOf(name), { private: true })),
      run: ProbeRun.cronJob({
        pushgateway: `http://${gatewayJob(gateway)}.monitoring:9091`,
        schedule: Schedule.every(chainInterval),
        deadline: registryProbe.deadline,
      }),
    });
    const service = (name: string) => ({ kind: "private", instance: instanceOf(name) }) as const;
    return ruleSet(spec, {
      runbookBaseUrl: RUNBOOK_BASE_URL,
      services: Object.fromEntries(names.map((name) => [name, service(name)])),
      pushgateway: { job: gatewayJob(gateway) },
    });
  });
  const [first] = sets;
  if (first === undefined) throw new Error("no case");
  return {
    ruleFiles: sets.map(({ groups }) => renderRuleFile(groups)),
    inhibitRules: renderInhibitRules(first.inhibitRules),
  };
}
