import { parseYaml } from "../../../lib/text/yaml";
import type { ClusterBinaries } from "./binaries";
import { listAt, requireText, textAt } from "./json";

/** The Kubernetes API that the end-to-end tests talk to. */
export type ApiChoice = GivenApi | StartedApi | MissingApi;

/** One that is there, with kubelets and controllers of its own. */
export interface GivenApi {
  readonly kind: "given";
  readonly kubeconfig: string;
  /** `https://host:port` of its current context. */
  readonly server: string;
}

/** One that each test file starts for itself. */
export interface StartedApi {
  readonly kind: "started";
  readonly binaries: ClusterBinaries;
}

export interface MissingApi {
  readonly kind: "missing";
  /** One line: what is missing, and how to get it. */
  readonly lack: string;
}

export interface ApiSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of a kubeconfig. */
  readonly readText: (path: string) => string;
  /** Those of KUBEBUILDER_ASSETS or built here, or why there are none. */
  readonly findBinaries: () => ClusterBinaries | string;
}

const KUBECONFIG = "TALLYMAN_E2E_KUBECONFIG";
const ALLOW_REMOTE = "TALLYMAN_E2E_ALLOW_REMOTE";

/**
 * The API that was named, else one of our own; KUBECONFIG and the user's own file are never looked at.
 *
 * @throws Error where the API that was named is not on loopback and nobody confirmed that, or cannot be told
 */
export function chooseApi({ env, readText, findBinaries }: ApiSources): ApiChoice {
  const named = env[KUBECONFIG];
  if (named !== undefined && named !== "") {
    const server = serverOf(parseYaml(readText(named), named), named);
    if (isLoopback(server) || env[ALLOW_REMOTE] === "1") return { kind: "given", kubeconfig: named, server };
    throw new Error(
      `${KUBECONFIG} must name an API on loopback, got ${server}. The tests make and delete namespaces and CRDs there: set ${ALLOW_REMOTE}=1 if that is meant.`,
    );
  }
  const binaries = findBinaries();
  return typeof binaries === "string" ? { kind: "missing", lack: binaries } : { kind: "started", binaries };
}

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
function serverOf(kubeconfig: unknown, path: string): string {
  const named = (list: string, name: string) =>
    listAt(kubeconfig, list).find((one) => textAt(one, "name") === name);
  try {
    const context = named("contexts", requireText(kubeconfig, "current-context"));
    const cluster = named("clusters", requireText(context, "context", "cluster"));
    return new URL(requireText(cluster, "cluster", "server")).origin;
  } catch (cause) {
    const fix = "Its current-context must name a context, and that a cluster with a server.";
    throw new Error(`${KUBECONFIG} must be a kubeconfig with a current context, got ${path}. ${fix}`, {
      cause,
    });
  }
}

/** By its name alone: whoever gives another name for it can confirm it. */
function isLoopback(server: string): boolean {
  const { hostname } = new URL(server);
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
