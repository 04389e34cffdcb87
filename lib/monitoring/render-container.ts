import { PROGRAM_NODE_FLAGS } from "../integrity/contract";
import { escapeTerraform } from "../terraform/escape";
import { restrictedContainer } from "../terraform/restricted-pod";
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
import type { ProbeSpec } from "./probe-spec";
import type { Registry } from "./registry";

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

/** One registry's container, in the shape of the Kubernetes provider. */
export function renderContainer(spec: ProbeSpec, registry: Registry, resources: ContainerResources) {
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
    args: probeArguments(spec, registry).map(escapeTerraform),
    env: credentials.map((mount) => ({ name: mount.variable, value: mount.path })),
    resources: { requests: { ...resources.requests }, limits: { ...resources.limits } },
    securityContext: restrictedContainer(),
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMount: [
      { name: "program", mountPath: PROGRAM_FOLDER, readOnly: true },
      ...credentials.map((mount) => ({ name: mount.volume, mountPath: mount.path, readOnly: true })),
      ...ca,
      ...accept,
    ],
  };
}

/** The command line after the program's file. */
export function probeArguments(spec: ProbeSpec, registry: Registry): readonly string[] {
  const { run, times } = spec;
  const { key, accept } = registry;
  const { address, ca, newest, repositories = [], tokenHosts = [] } = registry.options;
  return [
    "probe",
    registry.argument,
    "--exit-zero",
    ...["--format", "table"],
    ...["--start-jitter", `${times.startJitter.toSeconds()}s`],
    ...["--deadline", times.deadline.toPrometheus()],
    ...["--interval", times.interval.toPrometheus()],
    ...["--instance", registry.instance],
    ...["--push", run.pushgateway],
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
    ...option("--blobs", run.blobs),
    ...option("--verify-bytes", run.verifyBytes),
    ...option("--replace-group", run.replaceGroup),
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
