import { createHash } from "node:crypto";
import { renderYaml } from "../../text/yaml";
import { configPathInContainer, registryMajor } from "../distribution/registry-version";
import {
  HTPASSWD_IN_CONTAINER,
  REGISTRY_PORT,
  STORAGE_IN_CONTAINER,
} from "../distribution/render-distribution-config";
import type { HostFile } from "../host-file";
import { configFile, currentRelease, dataDirectory, NGINX_FILE } from "../host-paths";
import type { HostRegistry } from "../host-registry";
import { FRONT_SERVICE, type RegistryHostSpec, serviceOf, UI_SERVICE } from "../host-spec";
import { CONTAINER_SURROUNDINGS } from "../nginx/front-surroundings";
import { HEALTH_PATH } from "../nginx/nginx-servers";
import type { ComposeFile, ComposeService } from "./compose-model";

/** Before the file's name, in a label of the service that mounts it; its value is the file's sha256 in hex. */
export const MOUNTED_HASH_LABEL = "tallyman.sha256.";

const NETWORK = "registry";
const BLOB_CACHE_VOLUME = "nginx-cache";

/**
 * The services as an object.
 *
 * @param mounted the release's files: Compose leaves a container as it is when a file that it mounts changes, so
 *   each file's hash stands in a label
 */
export function composeFile(spec: RegistryHostSpec, mounted: readonly HostFile[]): ComposeFile {
  const registries = Object.entries(spec.registries);
  const hasCache = registries.some(([, { kind }]) => kind === "cache");
  return {
    services: {
      ...Object.fromEntries(
        registries.map(([name, one]) => [serviceOf(name), registryService(spec, name, one, mounted)]),
      ),
      [FRONT_SERVICE]: frontService(spec, mounted, hasCache),
      ...(spec.ui === null ? {} : { [UI_SERVICE]: uiService(spec.ui) }),
    },
    networks: { [NETWORK]: { driver: "bridge" } },
    ...(hasCache ? { volumes: { [BLOB_CACHE_VOLUME]: {} } } : {}),
  };
}

/** The same as a file's text, without a top-level `name`, which Compose 1.29 refuses: the project comes by `-p`. */
export function renderCompose(spec: RegistryHostSpec, mounted: readonly HostFile[]): string {
  const title = `docker compose -p ${spec.project} -f ${currentRelease(spec)}/docker-compose.yml up -d --wait`;
  return renderYaml(composeFile(spec, mounted), title);
}

function registryService(
  spec: RegistryHostSpec,
  name: string,
  registry: HostRegistry,
  mounted: readonly HostFile[],
): ComposeService {
  const major = registryMajor(spec.image) ?? 2;
  const config = configFile(name);
  const credentials = registry.kind === "cache" ? registry.credentialsFile : null;
  return {
    ...common(`${spec.image}`, serviceOf(name)),
    // 3.x sends traces to a collector on its own host unless told not to.
    ...(major === 3 ? { environment: { OTEL_TRACES_EXPORTER: "none" } } : {}),
    ...(credentials === null ? {} : { env_file: [credentials] }),
    volumes: [
      `${currentRelease(spec)}/${config}:${configPathInContainer(major)}:ro`,
      `${dataDirectory(spec, name)}:${STORAGE_IN_CONTAINER}`,
      ...(registry.kind === "private" ? [`${registry.htpasswdFile}:${HTPASSWD_IN_CONTAINER}:ro`] : []),
    ],
    healthcheck: healthcheck(answers(`http://127.0.0.1:${REGISTRY_PORT}/v2/`, "200|401"), 10),
    labels: hashLabels([config], mounted),
  };
}

function frontService(
  spec: RegistryHostSpec,
  mounted: readonly HostFile[],
  hasCache: boolean,
): ComposeService {
  const { certificateFile, keyFile, uiHtpasswdFile, blobCacheDirectory } = CONTAINER_SURROUNDINGS;
  const entries = Object.entries(spec.registries);
  const published = [
    ...entries.map(([, { port }]) => `${port}:${port}`),
    ...(spec.ui === null ? [] : [`${spec.ui.port}:${spec.ui.port}`]),
    // IPv4 alone: a connection over IPv6 comes from Docker's own proxy, whose address is an allowed one.
    `0.0.0.0:${spec.metrics.port}:${spec.metrics.port}`,
  ];
  const tls = entries.flatMap(([name, one]) =>
    one.kind === "private"
      ? [`${one.tls.certificateFile}:${certificateFile(name)}:ro`, `${one.tls.keyFile}:${keyFile(name)}:ro`]
      : [],
  );
  const uiFile = spec.ui?.htpasswdFile ?? null;
  return {
    ...common(`${spec.front.image}`, FRONT_SERVICE),
    depends_on: Object.fromEntries(
      entries.map(([name]) => [serviceOf(name), { condition: "service_healthy" as const }]),
    ),
    ports: published,
    volumes: [
      `${currentRelease(spec)}/${NGINX_FILE}:/etc/nginx/nginx.conf:ro`,
      ...tls,
      ...(uiFile === null ? [] : [`${uiFile}:${uiHtpasswdFile}:ro`]),
      ...(hasCache ? [`${BLOB_CACHE_VOLUME}:${blobCacheDirectory}`] : []),
    ],
    healthcheck: healthcheck(answers(`http://127.0.0.1:${spec.metrics.port}${HEALTH_PATH}`, "204"), 15),
    labels: hashLabels([NGINX_FILE], mounted),
  };
}

function uiService(ui: NonNullable<RegistryHostSpec["ui"]>): ComposeService {
  const registry = serviceOf(ui.registry);
  return {
    ...common(`${ui.image}`, UI_SERVICE),
    depends_on: { [registry]: { condition: "service_healthy" } },
    environment: {
      SINGLE_REGISTRY: "true",
      REGISTRY_TITLE: registry,
      DELETE_IMAGES: `${ui.canDelete}`,
      NGINX_PROXY_PASS_URL: `http://${registry}:${REGISTRY_PORT}`,
    },
    healthcheck: healthcheck(answers(`http://127.0.0.1:${CONTAINER_SURROUNDINGS.uiPort}/`, "200"), 10),
  };
}

function common(image: string, name: string) {
  return {
    image,
    container_name: name,
    restart: "always",
    networks: [NETWORK],
    logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "5" } },
  } as const;
}

/** BusyBox' wget ends in an error at 401, which a private registry in good health says: the status line decides. */
function answers(url: string, statuses: string): string {
  return `wget -S -O /dev/null ${url} 2>&1 | grep -Eq 'HTTP/1.[01] (${statuses})'`;
}

function healthcheck(command: string, startPeriodSeconds: number): ComposeService["healthcheck"] {
  return {
    test: ["CMD-SHELL", command],
    interval: "30s",
    timeout: "10s",
    retries: 3,
    start_period: `${startPeriodSeconds}s`,
  };
}

function hashLabels(paths: readonly string[], files: readonly HostFile[]): Record<string, string> {
  const wanted = files.filter(({ path }) => paths.includes(path));
  return Object.fromEntries(
    wanted.map(({ path, content }) => [
      `${MOUNTED_HASH_LABEL}${path}`,
      createHash("sha256").update(content).digest("hex"),
    ]),
  );
}
