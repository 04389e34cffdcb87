import { parseChallenges } from "./challenge";
import type { Credentials } from "./credentials";
import type { Origin, Target } from "./origin";
import { mayReceiveCredentials, tokenRealm } from "./token-realm";
import { basicAuthorization, fetchToken, type SendToRealm, type Token } from "./token-service";

export interface AuthorizerOptions {
  readonly origin: Origin;
  readonly credentials: Credentials | null;
  /** Further hosts to which a password may go as a token realm. */
  readonly tokenHosts: readonly string[];
  readonly send: SendToRealm;
  readonly now: () => number;
  readonly warn: (message: string) => void;
}

interface BearerDemand {
  readonly realm: Target;
  readonly service: string | null;
}

/** Tokens of repositories long done are not kept: a walk of 50,000 repositories would hold as many. */
const MAX_TOKENS = 256;

/**
 * What to send as Authorization: nothing until it is demanded, then a token for each scope, or Basic once that has
 * worked.
 */
export class Authorizer {
  private bearer: BearerDemand | null = null;
  private provenBasic: string | null = null;
  private readonly tokens = new Map<string, Token>();
  private readonly inFlight = new Map<string, Promise<string>>();

  constructor(private readonly options: AuthorizerOptions) {}

  /** What to send at once; a promise when a token has to be asked for first. */
  ahead(scope: string): string | null | Promise<string> {
    if (this.bearer === null) return this.provenBasic;
    return this.usableToken(scope) ?? this.renew(scope, this.bearer);
  }

  /**
   * What to send after a 401, or null when nothing that we have meets the challenge.
   *
   * @param header WWW-Authenticate
   * @param refused the Authorization that was just refused, which is not given again
   */
  async answer(scope: string, header: string | undefined, refused: string | null): Promise<string | null> {
    const challenges = parseChallenges(header ?? "");
    const bearer = challenges.find((one) => one.scheme === "bearer" && one.parameters.has("realm"));
    if (bearer !== undefined) {
      this.bearer = {
        realm: tokenRealm(bearer.parameters.get("realm"), this.options.origin),
        service: bearer.parameters.get("service") ?? null,
      };
      const held = this.usableToken(scope);
      return held !== null && held !== refused ? held : this.renew(scope, this.bearer);
    }
    if (!challenges.some((one) => one.scheme === "basic")) return null;
    const { credentials, origin } = this.options;
    if (credentials === null || "identityToken" in credentials) return null;
    this.bearer = null;
    this.warnOfPlainHttp(origin);
    const basic = basicAuthorization(credentials);
    return basic === refused ? null : basic;
  }

  /** Called when a request that answered a challenge was not refused. */
  confirm(authorization: string): void {
    if (authorization.startsWith("Basic ")) this.provenBasic = authorization;
  }

  private usableToken(scope: string): string | null {
    const token = this.tokens.get(scope);
    return token !== undefined && this.options.now() < token.usableUntil ? token.authorization : null;
  }

  /** One request for a token at a time and scope: who comes meanwhile gets the same one. */
  private renew(scope: string, demand: BearerDemand): Promise<string> {
    const running = this.inFlight.get(scope);
    if (running !== undefined) return running;
    const started = this.fetch(scope, demand).finally(() => this.inFlight.delete(scope));
    this.inFlight.set(scope, started);
    return started;
  }

  private async fetch(scope: string, demand: BearerDemand): Promise<string> {
    const { send, now } = this.options;
    const credentials = this.credentialsFor(demand.realm.origin);
    const token = await fetchToken({ ...demand, scope, credentials }, send, now);
    this.tokens.delete(scope);
    this.tokens.set(scope, token);
    const [oldest] = this.tokens.keys();
    if (this.tokens.size > MAX_TOKENS && oldest !== undefined) this.tokens.delete(oldest);
    return token.authorization;
  }

  private credentialsFor(realm: Origin): Credentials | null {
    const { credentials, origin, tokenHosts, warn } = this.options;
    if (credentials === null) return null;
    if (mayReceiveCredentials(realm, origin, tokenHosts)) {
      this.warnOfPlainHttp(realm);
      return credentials;
    }
    warn(
      `${origin.host} asks for its credentials on another host, ${realm.host}: the token was asked anonymously. ` +
        `If that host is the registry's own token service, allow it by --token-host ${realm.host}`,
    );
    return null;
  }

  private warnOfPlainHttp(origin: Origin): void {
    if (origin.scheme === "http") this.options.warn(`credentials go to ${origin.host} over plain http`);
  }
}
