import type { RuleSetOptions } from "../../../lib/monitoring/alerts/rule-set-options";
import { ProbeRun } from "../../../lib/monitoring/probe-run";
import { type ProbeSpec, resolveProbe } from "../../../lib/monitoring/probe-spec";
import { Registry, type RegistryOptions } from "../../../lib/monitoring/registry";

export const INSTANCE = "registry.example.com:5050";
export const BASE_URL = "https://git.example.com/infra/blob/main";

/** A registry with which every alert has its reason to be there. */
const EVERYTHING: RegistryOptions = {
  private: true,
  accept: [{ repository: "app", tag: "old", until: "2026-12-31", reason: "is being replaced" }],
};

export function probeOf(
  schedule = "*/15 * * * *",
  hosts: readonly string[] = [INSTANCE],
  options: RegistryOptions = EVERYTHING,
  shards?: number,
): ProbeSpec {
  return resolveProbe({
    namespace: "monitoring",
    registries: hosts.map((host) => Registry.at(host, options)),
    run: ProbeRun.cronJob({
      pushgateway: "http://gateway:9091",
      schedule,
      verifyBytes: "auto/7",
      ...(shards === undefined ? {} : { shards }),
    }),
  });
}

/** The same probe, whose walks share the repositories. */
export function shardedProbe(shards: number, schedule?: string, hosts?: readonly string[]): ProbeSpec {
  return probeOf(schedule, hosts, undefined, shards);
}

export const PLAIN: RuleSetOptions = { runbookBaseUrl: BASE_URL };

/** Every alert that there is. */
export const ALL: RuleSetOptions = {
  ...PLAIN,
  ruleLabels: { team: "infra" },
  services: {
    private: { kind: "private", instance: INSTANCE },
    dockerhub: { kind: "cache" },
  },
  garbageCollection: true,
  jobStuck: true,
  pushgateway: true,
  inUse: { imageNames: { [INSTANCE]: ["registry.example.com", INSTANCE] } },
};
