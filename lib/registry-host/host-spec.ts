import { Duration } from "../core/duration";
import { ImageLock } from "../core/image-lock";
import type { ImagePin } from "../core/image-pin";
import { NGINX_IMAGE, NODE_IMAGE, REGISTRY_UI_IMAGE } from "../core/versions";
import type { HostRegistry } from "./host-registry";
import type { Maintenance } from "./maintenance/maintenance";

export interface FrontOptions {
  /**
   * It needs wget for its health check and curl for the verification: `nginx:<version>` has no wget and
   * `nginx:<version>-alpine-slim` no curl, so neither ever becomes healthy; `nginx:<version>-alpine` has both.
   */
  readonly image?: ImagePin | string;
  /** Resolver that nginx asks again and again. @default Docker's own, 127.0.0.11 */
  readonly resolver?: { readonly address: string; readonly port?: number };
  /** How much of the caches' blobs the front keeps, and for how long. @default 50 GB, 24 hours */
  readonly blobCache?: { readonly maxGigabytes?: number; readonly validFor?: Duration };
}

export interface MetricsOptions {
  /** @default 5001 */
  readonly port?: number;
  /** Addresses or CIDR blocks that may read /metrics/<registry>. @default the private ranges of RFC 1918 */
  readonly allow?: readonly string[];
}

/** A page that lists the images of one registry. */
export interface UiOptions {
  readonly image?: ImagePin | string;
  /** Name of the registry that it shows. */
  readonly registry: string;
  readonly port: number;
  /** Whether it offers to delete; refused without `htpasswdFile`. @default false */
  readonly canDelete?: boolean;
  /** The front then asks for a password. By absolute path on the host. @default anybody may look */
  readonly htpasswdFile?: string;
}

/** What a user says of a registry host; everything else follows. */
export interface RegistryHostOptions<Name extends string = string> {
  /** Directory on the host, by absolute path. */
  readonly root: string;
  /** Of all registries, in lockstep. */
  readonly image: ImagePin | string;
  /** Adds the digests of `tallyman pin` to every image that is given as text. @default tags as they are written */
  readonly lock?: ImageLock;
  /** By name; `private` gives the service `registry-private`. */
  readonly registries: Readonly<Record<Name, HostRegistry>>;
  /** @default <root>/data; a registry's storage is <dataRoot>/<name> */
  readonly dataRoot?: string;
  /** The Compose project: a host that runs already keeps its own. @default registry */
  readonly project?: string;
  /** @default docker-compose-registry.service */
  readonly unit?: string;
  readonly front?: FrontOptions;
  readonly metrics?: MetricsOptions;
  readonly ui?: UiOptions;
  readonly maintenance?: Maintenance;
  /** Where the node exporter reads *.prom files. @default /var/lib/prometheus/node-exporter */
  readonly textfileDirectory?: string;
}

/** The same with every default filled in; what all renderers read. Already checked. */
export interface RegistryHostSpec {
  readonly root: string;
  readonly dataRoot: string;
  readonly project: string;
  readonly unit: string;
  readonly image: ImagePin;
  /** Node, which runs the program that maintains the host. */
  readonly programImage: ImagePin;
  /** Names in the order in which they were written. */
  readonly registries: Readonly<Record<string, HostRegistry>>;
  readonly front: {
    readonly image: ImagePin;
    readonly resolver: { readonly address: string; readonly port: number };
    readonly blobCache: { readonly maxGigabytes: number; readonly validFor: Duration };
  };
  readonly metrics: { readonly port: number; readonly allow: readonly string[] };
  readonly ui: {
    readonly image: ImagePin;
    readonly registry: string;
    readonly port: number;
    readonly canDelete: boolean;
    readonly htpasswdFile: string | null;
  } | null;
  readonly maintenance: Maintenance | null;
  readonly textfileDirectory: string;
}

const DOCKER_RESOLVER = { address: "127.0.0.11", port: 53 };
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Fills in the defaults. What is wrong is said by `checkHost`, before; here a bad pin alone throws. */
export function hostSpec(options: RegistryHostOptions): RegistryHostSpec {
  const { root, front = {}, metrics = {}, ui, lock = ImageLock.EMPTY } = options;
  const pinOf = (image: ImagePin | string, path: string): ImagePin =>
    typeof image === "string" ? lock.pin(image, path) : image;
  return {
    root,
    dataRoot: options.dataRoot ?? `${root}/data`,
    project: options.project ?? "registry",
    unit: options.unit ?? "docker-compose-registry.service",
    image: pinOf(options.image, "image"),
    programImage: pinOf(NODE_IMAGE, "programImage"),
    registries: options.registries,
    front: {
      image: pinOf(front.image ?? NGINX_IMAGE, "front.image"),
      resolver: { ...DOCKER_RESOLVER, ...front.resolver },
      blobCache: { maxGigabytes: 50, validFor: Duration.hours(24), ...front.blobCache },
    },
    metrics: { port: 5001, allow: PRIVATE_RANGES, ...metrics },
    ui:
      ui === undefined
        ? null
        : {
            image: pinOf(ui.image ?? REGISTRY_UI_IMAGE, "ui.image"),
            registry: ui.registry,
            port: ui.port,
            canDelete: ui.canDelete ?? false,
            htpasswdFile: ui.htpasswdFile ?? null,
          },
    maintenance: options.maintenance ?? null,
    textfileDirectory: options.textfileDirectory ?? "/var/lib/prometheus/node-exporter",
  };
}

/** The Compose service, and container, of the front. */
export const FRONT_SERVICE = "registry-nginx";
/** The Compose service, and container, of the page that lists images. */
export const UI_SERVICE = "registry-ui";

/** The Compose service, and container, of a registry. */
export function serviceOf(name: string): string {
  return `registry-${name}`;
}
