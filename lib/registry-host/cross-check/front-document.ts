/** An nginx configuration as anybody may have written it, as the cross-checks see it: servers, and where they lead. */
import type { NginxStatement } from "../documents/nginx-syntax";

export interface FrontRoute {
  /** `/v2/`, `= /metrics/ghcr`; of a server that proxies outside any location, `/`. */
  readonly location: string;
  /** Host and port that it proxies to, variables and `upstream` blocks resolved; null where it answers itself. */
  readonly backend: { readonly host: string; readonly port: number | null } | null;
  /** The host stands in proxy_pass or in an `upstream` block by name, which nginx resolves once. */
  readonly isResolvedOnce: boolean;
  readonly isDenied: boolean;
  readonly hasPassword: boolean;
}

export interface FrontServer {
  readonly ports: readonly number[];
  readonly isTls: boolean;
  readonly routes: readonly FrontRoute[];
}

export interface FrontDocument {
  readonly servers: readonly FrontServer[];
  readonly hasResolver: boolean;
}

/** Everything that stands at the top or in `http`, in the order of the file. */
export function readFront(statements: readonly NginxStatement[]): FrontDocument {
  const top = statements.flatMap((one) => (one.name === "http" ? (one.block ?? []) : [one]));
  const upstreams = new Map(
    top.filter(({ name }) => name === "upstream").map(({ args, block }) => [args[0] ?? "", block ?? []]),
  );
  const servers = top.filter(({ name, block }) => name === "server" && block !== null);
  const hasResolver = [top, ...servers.map(({ block }) => block ?? [])].some((one) => has(one, "resolver"));
  return { servers: servers.map(({ block }) => readServer(block ?? [], top, upstreams)), hasResolver };
}

type Upstreams = ReadonlyMap<string, readonly NginxStatement[]>;

function readServer(
  block: readonly NginxStatement[],
  http: readonly NginxStatement[],
  upstreams: Upstreams,
): FrontServer {
  const listens = block.filter(({ name }) => name === "listen");
  const isTls = listens.some(({ args }) => args.includes("ssl")) || last(block, "ssl")?.args[0] === "on";
  return {
    ports: listens.flatMap(({ args }) => portOf(args[0] ?? "") ?? []),
    isTls,
    routes: routesOf(block, [block, http], upstreams),
  };
}

/** @param scopes blocks from the innermost outwards */
function routesOf(
  block: readonly NginxStatement[],
  scopes: readonly (readonly NginxStatement[])[],
  upstreams: Upstreams,
): readonly FrontRoute[] {
  return block
    .filter((one) => one.name === "location" && one.block !== null)
    .flatMap(({ args, block: inner }) => {
      const own = [inner ?? [], ...scopes];
      return [routeOf(args.join(" "), inner ?? [], own, upstreams), ...routesOf(inner ?? [], own, upstreams)];
    });
}

function routeOf(
  location: string,
  block: readonly NginxStatement[],
  scopes: readonly (readonly NginxStatement[])[],
  upstreams: Upstreams,
): FrontRoute {
  // A proxy_pass may stand in an `if`, too.
  const flat = [...block, ...block.filter(({ name }) => name === "if").flatMap((one) => one.block ?? [])];
  const target = last(flat, "proxy_pass")?.args[0];
  const auth = scopes.flatMap((scope) => last(scope, "auth_basic") ?? [])[0];
  return {
    location,
    ...(target === undefined ? { backend: null, isResolvedOnce: false } : follow(target, scopes, upstreams)),
    isDenied: block.some(({ name, args }) => name === "deny" && args[0] === "all"),
    hasPassword: auth !== undefined && auth.args[0] !== "off",
  };
}

function follow(
  target: string,
  scopes: readonly (readonly NginxStatement[])[],
  upstreams: Upstreams,
): Pick<FrontRoute, "backend" | "isResolvedOnce"> {
  const variables = new Map(
    // The innermost last: it wins.
    [...scopes]
      .reverse()
      .flat()
      .filter(({ name }) => name === "set")
      .map(({ args }) => [args[0] ?? "", args[1] ?? ""]),
  );
  const plain = target.replace(/\$\{?(\w+)\}?/g, (all, name: string) => variables.get(`$${name}`) ?? all);
  const [, host = "", port] = /^(?:https?:\/\/)?(\[[^\]]+\]|[^:/]+)(?::([0-9]+))?/.exec(plain) ?? [];
  const group = upstreams.get(host)?.find(({ name }) => name === "server");
  if (group !== undefined) {
    const [, groupHost = "", groupPort] =
      /^(\[[^\]]+\]|[^:]+)(?::([0-9]+))?$/.exec(group.args[0] ?? "") ?? [];
    const isOnce = isName(groupHost) && !group.args.includes("resolve");
    return { backend: { host: groupHost, port: numberOrNull(groupPort) }, isResolvedOnce: isOnce };
  }
  const isLiteral = !target.includes("$") && isName(host);
  return { backend: { host, port: numberOrNull(port) }, isResolvedOnce: isLiteral };
}

function isName(host: string): boolean {
  return /[A-Za-z]/.test(host) && !host.startsWith("[") && host !== "localhost" && !host.startsWith("unix");
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

/** `5000`, `127.0.0.1:5000`, `[::]:5000`; an address alone is port 80. */
function portOf(listen: string): number | null {
  if (listen.startsWith("unix:")) return null;
  const port = /(?:^|:)([0-9]{1,5})$/.exec(listen)?.[1];
  return port === undefined ? 80 : Number(port);
}

function has(block: readonly NginxStatement[], name: string): boolean {
  return block.some((one) => one.name === name);
}

function last(block: readonly NginxStatement[], name: string): NginxStatement | undefined {
  return block.filter((one) => one.name === name).at(-1);
}
