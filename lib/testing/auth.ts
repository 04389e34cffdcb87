/**
 * Who may ask: Basic, or Bearer with a token endpoint of its own.
 * https://distribution.github.io/distribution/spec/auth/token/
 * https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
import { timingSafeEqual } from "node:crypto";
import { performance } from "node:perf_hooks";
import { isRead, type RegistryRequest, type Route } from "./registry-request";
import { errorReply, jsonReply, type Reply } from "./reply";

export interface UserCredentials {
  readonly username: string;
  readonly password: string;
}

export interface BearerOptions {
  /** Whom the token endpoint knows. @default nobody: tokens are anonymous */
  readonly credentials?: UserCredentials;
  /** Repositories that an anonymous token may pull. @default "all" without credentials, none with them */
  readonly publicRepositories?: "all" | readonly string[];
  /** What the token's answer says; null leaves it out, which means 60 seconds. @default 300 */
  readonly expiresInSeconds?: number | null;
  /** How long tokens are really honoured. @default until they are revoked */
  readonly validForMs?: number;
  /** How many requests each token is really honoured for. @default any number */
  readonly validForRequests?: number;
  /** The key of the token in the answer. @default "token" */
  readonly tokenField?: "token" | "access_token";
  /** Where the challenge sends clients. @default this registry's own /token */
  readonly realm?: string;
  /** A Basic challenge in a header of its own before the Bearer one; Basic is then taken too. @default false */
  readonly offerBasic?: boolean;
  /** Any valid token opens every repository, as with registries that check no scope. @default false */
  readonly ignoreScope?: boolean;
}

export type AuthOptions = { readonly basic: UserCredentials } | { readonly bearer: BearerOptions };

interface Token {
  /** `repository:<name>:<action>`. */
  readonly grants: ReadonlySet<string>;
  readonly issuedAtMs: number;
  uses: number;
}

/** The registry's doorkeeper: challenges, issues tokens, and can take them back in the middle of a walk. */
export class Authority {
  readonly #tokens = new Map<string, Token>();
  #issued = 0;

  constructor(private readonly options: AuthOptions | null) {}

  /** Every token so far is refused from now on. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  /** null when the request may go on, else the challenge. */
  check(request: RegistryRequest, route: Route): Reply | null {
    if (this.options === null) return null;
    const authorization = request.headers.authorization ?? "";
    if ("basic" in this.options) {
      return isBasic(authorization, this.options.basic) ? null : unauthorized(['Basic realm="registry"']);
    }
    const { bearer } = this.options;
    if (bearer.offerBasic && bearer.credentials && isBasic(authorization, bearer.credentials)) return null;
    const needed = grantOf(request.method, route);
    const state = this.#tokenState(authorization, needed, bearer);
    return state === "sufficient" ? null : this.#challenge(request, needed, state, bearer);
  }

  /** The token endpoint: `GET /token?service=…&scope=repository:<name>:<actions>`, scopes repeated or separated by spaces. */
  token(request: RegistryRequest): Reply {
    if (this.options === null || "basic" in this.options)
      return errorReply(404, "UNSUPPORTED", "no token endpoint");
    const { bearer } = this.options;
    const authorization = request.headers.authorization;
    const isUser = bearer.credentials !== undefined && isBasic(authorization ?? "", bearer.credentials);
    if (authorization !== undefined && !isUser) return unauthorized([]);
    const scopes = request.query.getAll("scope").flatMap((scope) => scope.split(" "));
    const grants = scopes.flatMap(grantsOfScope).filter((grant) => isUser || isPublic(grant, bearer));
    if (!isUser && bearer.credentials !== undefined && scopes.length > 0 && grants.length === 0) {
      return unauthorized([]);
    }
    this.#issued += 1;
    const token = `token-${this.#issued}`;
    this.#tokens.set(token, { grants: new Set(grants), issuedAtMs: performance.now(), uses: 0 });
    const expiresInSeconds = bearer.expiresInSeconds === undefined ? 300 : bearer.expiresInSeconds;
    return jsonReply(200, {
      [bearer.tokenField ?? "token"]: token,
      ...(expiresInSeconds === null ? {} : { expires_in: expiresInSeconds }),
    });
  }

  #tokenState(
    authorization: string,
    needed: string | null,
    bearer: BearerOptions,
  ): "absent" | "invalid" | "insufficient" | "sufficient" {
    const sent = /^Bearer (.+)$/i.exec(authorization)?.[1];
    if (sent === undefined) return "absent";
    const token = this.#tokens.get(sent);
    if (token === undefined) return "invalid";
    if (performance.now() - token.issuedAtMs > (bearer.validForMs ?? Number.POSITIVE_INFINITY))
      return "invalid";
    if (token.uses >= (bearer.validForRequests ?? Number.POSITIVE_INFINITY)) return "invalid";
    if (needed !== null && !bearer.ignoreScope && !token.grants.has(needed)) return "insufficient";
    token.uses += 1;
    return "sufficient";
  }

  #challenge(request: RegistryRequest, needed: string | null, state: string, bearer: BearerOptions): Reply {
    const parameters = [
      `realm="${bearer.realm ?? `${request.origin}/token`}"`,
      `service="${request.origin.replace(/^https?:\/\//, "")}"`,
      ...(needed === null ? [] : [`scope="${needed.replace(/:push$/, ":pull,push")}"`]),
      ...(state === "invalid" ? ['error="invalid_token"'] : []),
      ...(state === "insufficient" ? ['error="insufficient_scope"'] : []),
    ];
    const basic = bearer.offerBasic ? ['Basic realm="registry"'] : [];
    return unauthorized([...basic, `Bearer ${parameters.join(",")}`]);
  }
}

/** null where any token will do. */
function grantOf(method: string, route: Route): string | null {
  if (route.kind === "catalogue") return "registry:catalog:*";
  if (!("repository" in route)) return null;
  const action = isRead(method) ? "pull" : method === "DELETE" ? "delete" : "push";
  return `repository:${route.repository}:${action}`;
}

function grantsOfScope(scope: string): readonly string[] {
  const [, resource, actions] = /^(.+):([^:]*)$/.exec(scope) ?? [];
  return resource === undefined ? [] : (actions ?? "").split(",").map((action) => `${resource}:${action}`);
}

function isPublic(grant: string, bearer: BearerOptions): boolean {
  const open = bearer.publicRepositories ?? (bearer.credentials === undefined ? "all" : []);
  if (open === "all") return bearer.credentials === undefined || grant.endsWith(":pull");
  const repository = /^repository:(.+):pull$/.exec(grant)?.[1];
  return repository !== undefined && open.includes(repository);
}

function isBasic(authorization: string, credentials: UserCredentials): boolean {
  const expected = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
  const sent = Buffer.from(authorization.replace(/^Basic +/i, ""));
  return (
    /^Basic /i.test(authorization) &&
    sent.length === expected.length &&
    timingSafeEqual(sent, Buffer.from(expected))
  );
}

function unauthorized(challenges: readonly string[]): Reply {
  const refusal = errorReply(401, "UNAUTHORIZED", "authentication required");
  if (challenges.length === 0) return refusal;
  return { ...refusal, headers: { ...refusal.headers, "www-authenticate": challenges } };
}
