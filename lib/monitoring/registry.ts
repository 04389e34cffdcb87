import { toLabelName } from "../core/kube-names";
import type { AcceptedDamage } from "./accepted-damage";
import type { Credentials } from "./credentials";

export interface RegistryOptions {
  /**
   * `host:port` to dial, while name, Host header and SNI stay the registry's: certificates seldom name an IP.
   * @default the registry's own name, by DNS
   */
  readonly address?: string;
  /** @default anonymous */
  readonly credentials?: Credentials;
  /**
   * PEM text of further certificate authorities; may be a token.
   * @default those that come with Node
   */
  readonly ca?: string;
  /**
   * Whether an anonymous request must be refused: a private registry that answers everybody is a fault of its own.
   * @default false, as credentials alone do not say that nobody may read without them
   */
  readonly private?: boolean;
  /**
   * The `instance` label of its metrics.
   * @default the host as given
   */
  readonly instance?: string;
  /**
   * The repositories to walk, for registries without a catalogue such as GHCR and Docker Hub.
   * @default those of the catalogue
   */
  readonly repositories?: readonly string[];
  /**
   * How many tags of each repository are walked: the newest, by their images' creation time.
   * @default all, as what nobody has pulled for a year is what a rollback asks for
   */
  readonly newest?: number;
  /**
   * Further hosts that may be sent the credentials when they are the registry's token realm.
   * @default none beyond the registry's own
   */
  readonly tokenHosts?: readonly string[];
  /**
   * Known damage that is counted apart and pages nobody until its date; literal, as it travels as JSON.
   * @default none: all damage pages
   */
  readonly accept?: readonly AcceptedDamage[];
}

/** Room for a prefix such as `credentials-` in names of at most 63 characters. */
const MAX_KEY_LENGTH = 48;

/** A registry to be proven, by the name that clients pull by. What is wrong with it is said by the construct that takes it. */
export class Registry {
  private constructor(
    /** `host` or `host:port`, without the scheme. */
    readonly host: string,
    readonly scheme: "http" | "https",
    readonly options: RegistryOptions,
  ) {}

  /** @param host `host`, `host:port`, or `http://host:port` for plain HTTP; no token, as ids derive from it */
  static at(host: string, options: RegistryOptions = {}): Registry {
    const match = /^(https?):\/\//.exec(host);
    if (match === null) return new Registry(host, "https", options);
    return new Registry(host.slice(match[0].length), match[1] === "http" ? "http" : "https", options);
  }

  get instance(): string {
    return this.options.instance ?? this.host;
  }

  /** Names its container, its volumes and the ids of what is made for it. */
  get key(): string {
    return toLabelName(this.instance, MAX_KEY_LENGTH);
  }

  /** What its accept file says; empty: it has none. */
  get accept(): readonly AcceptedDamage[] {
    return this.options.accept ?? [];
  }

  /** As the program takes it. */
  get argument(): string {
    return this.scheme === "http" ? `http://${this.host}` : this.host;
  }

  /** Where a connection really goes: the address where one is given. */
  get endpoint(): { readonly host: string; readonly port: number } {
    return splitHostPort(this.options.address ?? this.host, this.scheme === "http" ? 80 : 443);
  }
}

/** `[::1]:5050` gives the host without its brackets. */
export function splitHostPort(text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(.*?)(?::([0-9]{1,5}))?$/.exec(text);
  const bracketed = /^\[(.*)\](?::([0-9]{1,5}))?$/.exec(text);
  const [, host = text, port] = bracketed ?? match ?? [];
  return { host, port: port === undefined ? defaultPort : Number(port) };
}
