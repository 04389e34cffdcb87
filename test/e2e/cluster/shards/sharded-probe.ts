import { readFileSync } from "node:fs";
import { Duration, Memory, ProbeRun, Registry, RegistryIntegrityProbe } from "../../../../lib/index";
import { programConfigMapName } from "../../../../lib/monitoring/probe-names";
import { type ProbeSpec, resolveProbe } from "../../../../lib/monitoring/probe-spec";
import { renderCronJob } from "../../../../lib/monitoring/render-cron-job";
import { NAMESPACE, PROGRAM, type ProbeCluster } from "../chain/probe-cluster";
import type { PlannedChanges } from "../planned-changes";
import { kubernetesObject } from "./kubernetes-object";

export const NAME = "registry-integrity-probe";

export interface ShardedProbeOptions {
  readonly registry: string;
  readonly pushgateway: string;
  readonly shards: number;
  /** Of a claim that is there already. @default none */
  readonly memory?: string;
}

/** The probe in the cluster, by the construct and Terraform, or as it is rendered and by the API. */
export class ShardedProbe {
  private readonly schedule = betweenTheTests(new Date());

  constructor(
    private readonly cluster: ProbeCluster,
    private readonly hasTerraform: boolean,
  ) {}

  spec(options: ShardedProbeOptions): ProbeSpec {
    return resolveProbe(this.options(options));
  }

  /** @returns what Terraform planned; null without it */
  async apply(options: ShardedProbeOptions): Promise<PlannedChanges | null> {
    if (this.hasTerraform) {
      return this.cluster.applyStack((stack) => {
        new RegistryIntegrityProbe(stack, "probe", { ...this.options(options), programFile: PROGRAM });
      });
    }
    const spec = this.spec(options);
    const metadata = { name: NAME, namespace: NAMESPACE };
    const program = { name: programConfigMapName(NAME), namespace: NAMESPACE };
    const data = { "tallyman.mjs": readFileSync(PROGRAM, "utf8") };
    await this.cluster.kubectl.apply(
      { apiVersion: "v1", kind: "ServiceAccount", metadata },
      { apiVersion: "v1", kind: "ConfigMap", metadata: program, data },
      { apiVersion: "batch/v1", kind: "CronJob", ...Object(kubernetesObject(renderCronJob(spec, "hash"))) },
    );
    return null;
  }

  private options({ registry, pushgateway, shards, memory }: ShardedProbeOptions) {
    const { schedule } = this;
    const startJitter = Duration.seconds(0);
    return {
      namespace: NAMESPACE,
      registries: [Registry.at(registry)],
      run: ProbeRun.cronJob({
        ...{ pushgateway, shards, schedule, startJitter, rate: 0 },
        ...(memory === undefined ? {} : { memory: Memory.volumeClaim(memory) }),
      }),
    };
  }
}

/** Every 15 minutes, and not within the next ten: the runs are the test's own. */
function betweenTheTests(now: Date): string {
  const first = (now.getUTCMinutes() + 11) % 15;
  return `${[0, 15, 30, 45].map((quarter) => quarter + first).join(",")} * * * *`;
}
