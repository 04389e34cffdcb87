import { PROGRAM_NODE_FLAGS } from "../integrity/contract";
import { escapeTerraform } from "../terraform/escape";
import { restrictedContainer } from "../terraform/restricted-pod";
import { blobsArgument } from "./blob-rotation";
import {
  ACCEPT_FOLDER,
  acceptFileName,
  CA_FOLDER,
  CREDENTIALS_FOLDER,
  caFileName,
  DOCKER_CONFIG_FOLDER,
  PROGRAM_FILE,
  PROGRAM_FOLDER,
} from "./probe-names";
import { shardsOf } from "./probe-run";
import type { ProbeSpec } from "./probe-spec";
import type { Registry } from "./registry";
import { memoryFile, renderMemoryMount } from "./walk-memory";

/** In Kubernetes' own notation, as `10m` and `96Mi`. */
export interface ContainerResources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/**
 * What a walk of 100,000 blobs stays under. No limit on CPU: throttling would only stretch the walk past its deadline.
 */
export const DEFAULT_RESOURCES: ContainerResources = {
  requests: { cpu: "10m", memory: "48Mi" },
  limits: { memory: "96Mi" },
};

/**
 * One registry's container, in the shape of the Kubernetes provider.
 *
 * @param words the command line after the program's file
 */
export function renderContainer(
  spec: ProbeSpec,
  registry: Registry,
  resources: ContainerResources,
  words: readonly string[],
) {
  const credentials = renderCredentialsMount(registry);
  const ca = registry.options.ca === undefined ? [] : [{ name: "ca", mountPath: CA_FOLDER, readOnly: true }];
  // The whole folder: a file mounted by subPath would not follow its ConfigMap.
  const accept =
    registry.accept.length === 0 ? [] : [{ name: "accept", mountPath: ACCEPT_FOLDER, readOnly: true }];
  return {
    name: registry.key,
    image: spec.image,
    imagePullPolicy: "IfNotPresent",
    command: ["node", ...PROGRAM_NODE_FLAGS, `${PROGRAM_FOLDER}/${PROGRAM_FILE}`],
    args: words.map(escapeTerraform),
    env: credentials.map((mount) => ({ name: mount.variable, value: mount.path })),
    resources: { requests: { ...resources.requests }, limits: { ...resources.limits } },
    securityContext: restrictedContainer(),
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMount: [
      { name: "program", mountPath: PROGRAM_FOLDER, readOnly: true },
      ...credentials.map((mount) => ({ name: mount.volume, mountPath: mount.path, readOnly: true })),
      ...ca,
      ...accept,
      ...renderMemoryMount(spec.run.memory),
    ],
  };
}

/** The command line of a CronJob's container, after the program's file. */
export function probeArguments(spec: ProbeSpec, registry: Registry): readonly string[] {
  const gateway = spec.run.kind === "cronJob" ? spec.run : null;
  const shards = shardsOf(spec.run);
  return [
    "probe",
    registry.argument,
    "--exit-zero",
    ...["--format", "table"],
    ...timeArguments(spec),
    ...["--instance", registry.instance],
    ...option("--push", gateway?.pushgateway),
    ...option("--shard", shards === null ? undefined : `auto/${shards}`),
    ...walkArguments(spec, registry),
    ...option("--replace-group", gateway?.replaceGroup),
  ];
}

/** When, and for how long. */
export function timeArguments({ times }: ProbeSpec): readonly string[] {
  return [
    ...["--start-jitter", `${times.startJitter.toSeconds()}s`],
    ...["--deadline", times.deadline.toPrometheus()],
    ...["--interval", times.interval.toPrometheus()],
  ];
}

/** What is walked, and how. */
export function walkArguments({ run, times }: ProbeSpec, registry: Registry): readonly string[] {
  const { key, accept } = registry;
  const { address, ca, newest, repositories = [], tokenHosts = [] } = registry.options;
  return [
    ...option("--address", address),
    ...option("--ca", ca === undefined ? undefined : `${CA_FOLDER}/${caFileName(key)}`),
    ...(registry.options.private === true ? ["--private"] : []),
    ...repositories.flatMap((name) => ["--repository", name]),
    ...tokenHosts.flatMap((host) => ["--token-host", host]),
    ...option("--newest", newest?.toString()),
    ...option("--accept-file", accept.length === 0 ? undefined : `${ACCEPT_FOLDER}/${acceptFileName(key)}`),
    ...option("--timeout", run.timeout?.toPrometheus()),
    ...option("--concurrency", run.concurrency?.toString()),
    ...option("--rate", run.rate?.toString()),
    ...option("--blobs", blobsArgument(run, times)),
    ...option("--verify-bytes", run.verifyBytes),
    ...option("--memory", memoryFile(run.memory, registry, shardsOf(run))),
  ];
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}

/** The volume of a registry's credentials. */
export function credentialsVolumeName(registry: Registry): string {
  return `credentials-${registry.key}`;
}

function renderCredentialsMount(registry: Registry) {
  const { credentials } = registry.options;
  if (credentials === undefined) return [];
  const volume = credentialsVolumeName(registry);
  return credentials.kind === "dockerConfig"
    ? [{ volume, variable: "DOCKER_CONFIG", path: DOCKER_CONFIG_FOLDER }]
    : [{ volume, variable: "TALLYMAN_CREDENTIALS_DIR", path: CREDENTIALS_FOLDER }];
}
