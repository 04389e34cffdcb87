/**
 * The part of a Compose file that a host writes, in forms that Compose 1.29 and 2 read alike.
 * https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */

/** A type, not an interface: only that is a YAML value. */
export type ComposeService = {
  readonly image: string;
  readonly container_name: string;
  readonly restart: "always";
  readonly networks: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: "service_healthy" }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly string[];
  /** `[address:]published:target` */
  readonly ports?: readonly string[];
  /** `source:target[:ro]` */
  readonly volumes?: readonly string[];
  readonly healthcheck: {
    readonly test: readonly ["CMD-SHELL", string];
    readonly interval: string;
    readonly timeout: string;
    readonly retries: number;
    readonly start_period: string;
  };
  readonly logging: {
    readonly driver: "json-file";
    readonly options: { readonly "max-size": string; readonly "max-file": string };
  };
  readonly labels?: Readonly<Record<string, string>>;
};

export type ComposeFile = {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly driver: "bridge" }>>;
  readonly volumes?: Readonly<Record<string, Record<string, never>>>;
};
