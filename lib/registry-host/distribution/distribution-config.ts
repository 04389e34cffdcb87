/**
 * The configuration of a registry, as far as a host writes it; only 3.x has `proxy.ttl`, and neither `maxsize`.
 * https://github.com/distribution/distribution/blob/v2.8.3/docs/configuration.md
 * https://distribution.github.io/distribution/about/configuration/
 */

/** What both formats say alike. A type, not an interface: only that is a YAML value. */
type CommonConfig = {
  readonly version: "0.1";
  readonly log: { readonly level: "info"; readonly fields: { readonly service: string } };
  readonly storage: {
    readonly filesystem: { readonly rootdirectory: string };
    readonly cache: { readonly blobdescriptor: "inmemory" };
    readonly delete: { readonly enabled: boolean };
    readonly maintenance: {
      readonly uploadpurging: {
        readonly enabled: boolean;
        readonly age: string;
        readonly interval: string;
        readonly dryrun: boolean;
      };
      readonly readonly: { readonly enabled: boolean };
    };
  };
  readonly http: {
    readonly addr: string;
    readonly headers: { readonly "X-Content-Type-Options": readonly ["nosniff"] };
    readonly debug: {
      readonly addr: string;
      readonly prometheus: { readonly enabled: true; readonly path: "/metrics" };
    };
  };
  readonly health: {
    readonly storagedriver: {
      readonly enabled: true;
      readonly interval: string;
      readonly threshold: number;
    };
  };
  readonly auth?: { readonly htpasswd: { readonly realm: string; readonly path: string } };
};

/** User and password come by environment, never from here. */
export type DistributionConfig2 = CommonConfig & { readonly proxy?: { readonly remoteurl: string } };

export type DistributionConfig3 = CommonConfig & {
  /** `ttl` as Go writes durations, `0` for ever. */
  readonly proxy?: { readonly remoteurl: string; readonly ttl?: string };
};

export type DistributionConfig = DistributionConfig2 | DistributionConfig3;
