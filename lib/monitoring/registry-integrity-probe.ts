import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import {
  CronJobV1,
  type CronJobV1SpecJobTemplateSpecTemplateSpecAffinity,
} from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { Fn, TerraformAsset, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { ConfigurationError } from "../core/problem";
import { checkShapes } from "../core/shape";
import { Artifact } from "../terraform/artifacts";
import { ConstructIndex } from "../terraform/construct-index";
import { escapeTerraform } from "../terraform/escape";
import { renderAcceptFile } from "./accepted-damage";
import { checkShardsArrive } from "./check-shards";
import { checkTwins, twinKeys } from "./check-twins";
import { checkProbe } from "./checks";
import { CredentialsSecret } from "./credentials-secret";
import { createExporter, type ExporterResources } from "./exporter/exporter-resources";
import {
  acceptConfigMapName,
  acceptFileName,
  caConfigMapName,
  caFileName,
  PROGRAM_FILE,
  programConfigMapName,
} from "./probe-names";
import type { CronJobRun, ExporterRun, ProbeRun } from "./probe-run";
import { type ProbeOptions, type ProbeSpec, resolveProbe } from "./probe-spec";
import { checkProgramFile, defaultProgramFile, programHash } from "./program-file";
import { type PodScheduling, renderCronJob, renderMetadata } from "./render-cron-job";
import { renderNetworkPolicy } from "./render-network-policy";
import { NAMESPACE, REGISTRIES, RUN } from "./shapes";

export interface PodOptions extends PodScheduling {
  /** @default none */
  readonly affinity?: CronJobV1SpecJobTemplateSpecTemplateSpecAffinity;
  /**
   * Paths of the CronJob or Deployment that others set and Terraform leaves alone: CRON_JOB_PATHS and
   * DEPLOYMENT_PATHS name the usual ones.
   * @default none
   */
  readonly ignoreChanges?: readonly string[];
}

export interface RegistryIntegrityProbeProps<R extends ProbeRun = CronJobRun> extends ProbeOptions {
  readonly run: R;
  /** @default any node, 10m CPU and 48Mi to 96Mi of memory a registry */
  readonly pod?: PodOptions;
  /**
   * Whether a policy confines the pods: in to an exporter's metrics alone; out to the registries, the Pushgateway
   * and DNS.
   * @default true; false where the cluster has policies of its own, or an egress that ports do not describe
   */
  readonly networkPolicy?: boolean;
  /**
   * The bundled program.
   * @default the one that comes with this library
   */
  readonly programFile?: string;
}

const probes = new ConstructIndex<RegistryIntegrityProbe<ProbeRun>>();

/**
 * Proves on a schedule that every tag of the registries can be pulled whole. It makes no provider: the stack has one.
 * Its type follows from `run`: a probe by CronJob has `cronJob`, an exporter has `exporter`; one of either kind is a
 * `RegistryIntegrityProbe<ProbeRun>`.
 */
export class RegistryIntegrityProbe<R extends ProbeRun = CronJobRun> extends Construct {
  /** What alerts, dashboards and documents read. */
  readonly spec: ProbeSpec;
  /** The program; its name never changes. */
  readonly configMap: ConfigMapV1;
  /** Certificate authorities, where a registry has one given. */
  readonly caConfigMap?: ConfigMapV1;
  /** Accept files, where a registry has known damage; a changed one is in force at the next run. */
  readonly acceptConfigMap?: ConfigMapV1;
  readonly serviceAccount: ServiceAccountV1;
  /** By the registry's key, for those whose credentials are Terraform variables. */
  readonly credentialsSecrets: Readonly<Record<string, CredentialsSecret>>;
  readonly cronJob: R extends CronJobRun ? CronJobV1 : undefined;
  /** Deployment, Service and ServiceMonitor. */
  readonly exporter: R extends ExporterRun ? ExporterResources : undefined;
  readonly networkPolicy?: NetworkPolicyV1;

  /** @throws ConfigurationError with all that is wrong with the props */
  constructor(scope: Construct, id: string, props: RegistryIntegrityProbeProps<R>) {
    super(scope, id);
    const required = { namespace: NAMESPACE, registries: REGISTRIES, run: RUN };
    ConfigurationError.throwIfAny(checkShapes<ProbeOptions>(props, required));
    const { programFile = defaultProgramFile(), pod = {} } = props;
    ConfigurationError.throwIfAny([
      ...checkProbe(props, (text) => Token.isUnresolved(text)),
      ...checkShardsArrive(props.run, pod.ignoreChanges),
      ...checkProgramFile(programFile),
    ]);
    const spec = resolveProbe(props);
    this.spec = spec;
    for (const key of twinKeys(spec)) probes.add(TerraformStack.of(this), key, this);
    this.node.addValidation({ validate: () => checkTwins(spec, this.possibleTwins()) });

    this.configMap = this.carryProgram(programFile);
    const authorities = spec.registries.flatMap(({ key, options: { ca } }) =>
      ca === undefined ? [] : [[caFileName(key), escapeTerraform(ca)] as const],
    );
    if (authorities.length > 0) {
      const metadata = renderMetadata(spec, caConfigMapName(spec.name));
      this.caConfigMap = new ConfigMapV1(this, "ca", { metadata, data: Object.fromEntries(authorities) });
    }
    const acceptFiles = spec.registries.flatMap(({ key, accept }) =>
      accept.length === 0 ? [] : [[acceptFileName(key), escapeTerraform(renderAcceptFile(accept))] as const],
    );
    if (acceptFiles.length > 0) {
      const metadata = renderMetadata(spec, acceptConfigMapName(spec.name));
      this.acceptConfigMap = new ConfigMapV1(this, "accept", {
        metadata,
        data: Object.fromEntries(acceptFiles),
      });
    }
    this.serviceAccount = new ServiceAccountV1(this, "service-account", {
      metadata: renderMetadata(spec, spec.name),
      automountServiceAccountToken: false,
    });
    this.credentialsSecrets = this.carryCredentials();
    if (props.networkPolicy !== false) {
      this.networkPolicy = new NetworkPolicyV1(this, "network-policy", renderNetworkPolicy(spec));
    }
    const { run } = spec;
    const hash = programHash(programFile);
    const cronJob = run.kind === "cronJob" ? this.schedule(hash, pod) : undefined;
    const exporter = run.kind === "exporter" ? this.expose(run, hash, pod) : undefined;
    // A check of the kind narrows the value, but not the type parameter.
    this.cronJob = cronJob as RegistryIntegrityProbe<R>["cronJob"];
    this.exporter = exporter as RegistryIntegrityProbe<R>["exporter"];
  }

  private carryProgram(programFile: string): ConfigMapV1 {
    const asset = new TerraformAsset(this, "program", { path: programFile });
    const artifact = `probe/${PROGRAM_FILE}`;
    const isThere = Artifact.at(this, artifact).some(({ path }) => path === artifact);
    if (!isThere) new Artifact(this, "program-artifact", { path: artifact, content: { file: programFile } });
    return new ConfigMapV1(this, "config-map", {
      metadata: renderMetadata(this.spec, programConfigMapName(this.spec.name)),
      // Else every plan that changes the program prints it twice; the annotation's hash says what changed.
      data: { [PROGRAM_FILE]: Token.asString(Fn.sensitive(Fn.file(asset.path))) },
    });
  }

  private carryCredentials(): Readonly<Record<string, CredentialsSecret>> {
    const { spec } = this;
    const secrets = spec.registries.flatMap(({ key, options: { credentials } }) =>
      credentials?.kind === "variable"
        ? [[key, new CredentialsSecret(this, `credentials-${key}`, { spec, key, credentials })] as const]
        : [],
    );
    return Object.fromEntries(secrets);
  }

  private schedule(hash: string, { affinity, ignoreChanges, ...scheduling }: PodOptions): CronJobV1 {
    const { metadata, spec } = renderCronJob(this.spec, hash, scheduling);
    const { jobTemplate } = spec;
    const { template } = jobTemplate.spec;
    const podSpec = { ...template.spec, ...(affinity === undefined ? {} : { affinity }) };
    const job = { ...jobTemplate.spec, template: { ...template, spec: podSpec } };
    return new CronJobV1(this, "cron-job", {
      metadata,
      spec: { ...spec, jobTemplate: { ...jobTemplate, spec: job } },
      dependsOn: this.neededByPods(),
      ...(ignoreChanges === undefined ? {} : { lifecycle: { ignoreChanges: [...ignoreChanges] } }),
    });
  }

  private expose(run: ExporterRun, programHash: string, pod: PodOptions): ExporterResources {
    const { affinity, ignoreChanges, ...scheduling } = pod;
    const { spec } = this;
    const dependsOn = this.neededByPods();
    return createExporter(this, { spec, run, programHash, scheduling, affinity, ignoreChanges, dependsOn });
  }

  private neededByPods() {
    return [
      this.configMap,
      // Made before the pods mount it, and deleted only once they no longer do.
      ...(this.acceptConfigMap ? [this.acceptConfigMap] : []),
      this.serviceAccount,
      ...(this.networkPolicy ? [this.networkPolicy] : []),
    ];
  }

  /** Of the same stack: another stack may be another cluster's. */
  private possibleTwins(): readonly ProbeSpec[] {
    const stack = TerraformStack.of(this);
    const found = new Set(twinKeys(this.spec).flatMap((key) => probes.find(stack, key)));
    found.delete(this as Construct as RegistryIntegrityProbe<ProbeRun>);
    return [...found].map((one) => one.spec);
  }
}
