/**
 * The site in a cluster, in the shape of the Kubernetes provider.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
 */
import { escapeTerraform, escapeTerraformMap } from "../../terraform/escape";
import { type AppIdentity, objectLabels, selectorLabels } from "../../terraform/labels";
import { restrictedContainer, restrictedPod } from "../../terraform/restricted-pod";
import { SITE_PORT, SITE_SERVER_PATHS } from "./nginx-config";

/** Toleration in Kubernetes' own words. */
export interface SiteToleration {
  readonly key?: string;
  readonly operator?: "Equal" | "Exists";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Where and with what the site's pods run. */
export interface SiteScheduling {
  /** @default any node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** @default none */
  readonly tolerations?: readonly SiteToleration[];
  /** @default the cluster's */
  readonly priorityClassName?: string;
  /**
   * Names of Secrets in the namespace.
   * @default none
   */
  readonly imagePullSecrets?: readonly string[];
  /** @default 5m CPU and 16Mi requested, 32Mi at most */
  readonly resources?: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
}

/** The catalogue's objects in a cluster, with every default filled in. */
export interface CatalogObjects {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** SHA-256 of what the ConfigMap holds: the plan says by it that the catalogue changed. */
  readonly hash: string;
}

export interface SiteServer extends CatalogObjects {
  readonly image: string;
  readonly replicas: number;
}

export const NGINX_CONFIG_FILE = "nginx.conf";
const CONFIG_FOLDER = "/etc/tallyman";
const PORT_NAME = "http";
const HASH = "checksum/catalog";
/** One worker holds the page in no memory of its own. */
const DEFAULT_RESOURCES = { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "32Mi" } };

function identity({ name }: CatalogObjects): AppIdentity {
  return { name: "service-catalog", instance: name, component: "catalog" };
}

/** Labels and annotations of each of the catalogue's objects. */
export function renderCatalogMetadata(objects: CatalogObjects) {
  const { name, namespace, annotations } = objects;
  return {
    name,
    namespace: escapeTerraform(namespace),
    labels: escapeTerraformMap(objectLabels(identity(objects), objects.labels)),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: escapeTerraformMap(annotations) }),
  };
}

/** That of the ConfigMap, whose contents no plan shows. */
export function renderHashedMetadata(objects: CatalogObjects) {
  return renderCatalogMetadata({
    ...objects,
    annotations: { ...objects.annotations, [HASH]: objects.hash },
  });
}

/** @param files the ConfigMap's keys that are served */
export function renderSiteDeployment(server: SiteServer, files: readonly string[], pod: SiteScheduling = {}) {
  const { nodeSelector, tolerations, priorityClassName, imagePullSecrets } = pod;
  const { labels, annotations } = renderHashedMetadata(server);
  return {
    metadata: renderCatalogMetadata(server),
    spec: {
      replicas: String(server.replicas),
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(identity(server)) },
      template: {
        metadata: { labels, ...(annotations === undefined ? {} : { annotations }) },
        spec: {
          ...restrictedPod(),
          terminationGracePeriodSeconds: 10,
          ...(nodeSelector === undefined ? {} : { nodeSelector: escapeTerraformMap(nodeSelector) }),
          ...(tolerations === undefined ? {} : { toleration: [...tolerations] }),
          ...(priorityClassName === undefined ? {} : { priorityClassName }),
          ...(imagePullSecrets === undefined
            ? {}
            : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
          restartPolicy: "Always",
          container: [renderContainer(server, pod)],
          volume: [
            volumeOf(server, "site", files),
            volumeOf(server, "config", [NGINX_CONFIG_FILE]),
            // For its pid and the folders that it makes at every start.
            { name: "temporary", emptyDir: { sizeLimit: "16Mi" } },
          ],
        },
      },
    },
  };
}

function renderContainer(server: SiteServer, { resources = DEFAULT_RESOURCES }: SiteScheduling) {
  return {
    name: "nginx",
    image: server.image,
    imagePullPolicy: "IfNotPresent",
    // Not the image's entry point, which writes into /etc/nginx. Until the file is read the log is that of -e.
    command: ["nginx", "-e", "stderr", "-c", `${CONFIG_FOLDER}/${NGINX_CONFIG_FILE}`, "-g", "daemon off;"],
    port: [{ name: PORT_NAME, containerPort: SITE_PORT, protocol: "TCP" }],
    resources: { requests: { ...resources.requests }, limits: { ...resources.limits } },
    securityContext: restrictedContainer(),
    terminationMessagePolicy: "FallbackToLogsOnError",
    livenessProbe: { ...PROBE, failureThreshold: 6 },
    readinessProbe: { ...PROBE, failureThreshold: 2 },
    volumeMount: [
      { name: "site", mountPath: SITE_SERVER_PATHS.root, readOnly: true },
      { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
      { name: "temporary", mountPath: SITE_SERVER_PATHS.temporary, readOnly: false },
    ],
  };
}

const PROBE = {
  httpGet: { path: "/healthz", port: String(SITE_PORT) },
  periodSeconds: 10,
  timeoutSeconds: 3,
};

function volumeOf({ name: configMap }: SiteServer, name: string, files: readonly string[]) {
  const items = files.map((file) => ({ key: file, path: file }));
  return { name, configMap: { name: configMap, defaultMode: "0444", items } };
}

/** The site on port 80 within the cluster. */
export function renderSiteService(server: SiteServer) {
  return {
    metadata: renderCatalogMetadata(server),
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(identity(server)),
      port: [{ name: PORT_NAME, port: 80, targetPort: String(SITE_PORT), protocol: "TCP" }],
    },
  };
}

/** In to the page alone, out to nowhere: a server of files asks nobody anything. */
export function renderSiteNetworkPolicy(server: SiteServer) {
  return {
    metadata: renderCatalogMetadata(server),
    spec: {
      podSelector: { matchLabels: selectorLabels(identity(server)) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [{ port: String(SITE_PORT), protocol: "TCP" }] }],
    },
  };
}
