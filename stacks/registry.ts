import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AnnotationMetadataEntryType, TerraformStack, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { ImageLock } from "../lib/core/image-lock";
import {
  type CacheRegistry,
  cacheOf,
  UpstreamCredentials,
  type WritableOptions,
  writable,
} from "../lib/registry-host/host-registry";
import type { UiOptions } from "../lib/registry-host/host-spec";
import { Maintenance, Retention } from "../lib/registry-host/maintenance/maintenance";
import { RegistryHost } from "../lib/registry-host/registry-host";
import { Ssh } from "../lib/registry-host/ssh";
import { ownRepository } from "./own-repository";

/** What an infrastructure has of its own; everything else follows. */
export interface RegistryEstate {
  /** Of the host, for ssh and for whoever probes it. */
  readonly address: string;
  readonly root: string;
  readonly image: string;
  readonly private: WritableOptions;
  readonly caches: Readonly<Record<string, CacheEstate>>;
  readonly ui: UiOptions;
  readonly maintenance: {
    /** As systemd's OnCalendar takes it. */
    readonly weekly: string;
    /** Tags of each repository. */
    readonly keepNewest: number;
  };
}

export interface CacheEstate {
  readonly upstream: string;
  readonly port: number;
  /** On the host, by absolute path. */
  readonly credentialsEnvFile?: string;
}

export interface RegistryStackOptions {
  /** @default the bundle beside the compiled library */
  readonly programFile?: string;
  /** @default images.lock.json of this repository */
  readonly lock?: ImageLock;
}

/** The registry host of an infrastructure, reached as root with the keys of the SSH agent. */
export class RegistryStack extends TerraformStack {
  /** Terraform asks for it where TF_VAR_registry_host_key is not set; it has no default that could be trusted. */
  readonly hostKey: TerraformVariable;
  readonly host: RegistryHost;
  /** Digests of images, for what else stands in this stack. */
  readonly lock: ImageLock;
  /** Images, by their tags, that the lock has no digest of. */
  readonly unpinned: readonly string[];

  constructor(scope: Construct, id: string, estate: RegistryEstate, options: RegistryStackOptions = {}) {
    super(scope, id);
    this.hostKey = new TerraformVariable(this, "registry_host_key", {
      type: "string",
      description: "The host's public key, from its own console: /etc/ssh/ssh_host_ed25519_key.pub",
    });
    const { address, root, image, ui, maintenance } = estate;
    const { lock = ownLock(), ...program } = options;
    this.host = new RegistryHost(this, "host", {
      ssh: Ssh.to(address, { hostKey: this.hostKey.stringValue }),
      root,
      image,
      lock,
      registries: { ...cachesOf(estate), private: writable(estate.private) },
      ui,
      maintenance: Maintenance.weekly(maintenance.weekly, { keep: Retention.newest(maintenance.keepNewest) }),
      ...program,
    });
    this.lock = lock;
    // As metadata and not by Annotations, whose stack trace would carry this machine's paths.
    this.unpinned = lock.unresolved;
    for (const tag of this.unpinned) {
      const warning = `${tag} has no digest in images.lock.json: run \`tallyman pin\` where its registry is reachable`;
      this.host.node.addMetadata(AnnotationMetadataEntryType.WARN, warning);
    }
  }
}

function ownLock(): ImageLock {
  return ImageLock.parse(readFileSync(join(ownRepository(), "images.lock.json"), "utf8"));
}

function cachesOf({ caches }: RegistryEstate): Record<string, CacheRegistry> {
  return Object.fromEntries(
    Object.entries(caches).map(([name, { upstream, port, credentialsEnvFile: file }]) => [
      name,
      cacheOf(upstream, {
        port,
        ...(file === undefined ? {} : { credentials: UpstreamCredentials.envFile(file) }),
      }),
    ]),
  );
}
