import type { ForeignService } from "../documents/compose-document";
import { findNginx, type NginxStatement } from "../documents/nginx-syntax";
import type { NginxDocument } from "./material";
import { type ComposeFacts, mountedDocument, type RepositoryFacts } from "./repository-facts";

/** An nginx service of a registry host, with the configurations that it surely runs. */
export interface Front {
  readonly compose: ComposeFacts;
  readonly service: ForeignService;
  readonly documents: readonly NginxDocument[];
  /** All that it listens on is known: no include and no mount is left open. */
  readonly isComplete: boolean;
}

export interface ListeningServer {
  readonly document: NginxDocument;
  readonly statement: NginxStatement;
  readonly ports: readonly { readonly port: number; readonly line: number }[];
}

const CONFIGURATION =
  /^\/etc\/nginx(?:\/(?:nginx\.conf|(?:conf\.d|http\.d|sites-enabled|templates|stream\.d)(?:\/.*)?))?\/?$/;
const HARMLESS_INCLUDE = /mime\.types$|_params$|modules.*\.conf$|ssl[-_]\w+\.conf$|options-ssl/;

export function frontsOf({ composes, material }: RepositoryFacts): readonly Front[] {
  return composes
    .filter(({ isRegistryHost }) => isRegistryHost)
    .flatMap((compose) =>
      compose.services.flatMap((service): Front[] => {
        const mounts = service.mounts.filter(({ target }) => CONFIGURATION.test(target));
        if (mounts.length === 0) return [];
        const found = mounts.map(({ source }) => mountedDocument(material.nginx, compose.origin, source));
        const mounted = found.filter((document) => document !== null);
        const related = material.nginx.filter((document) => leadsTo(document, compose));
        // Where nothing has the mounted name, the one configuration that leads to these services is meant.
        const documents = mounted.length > 0 ? mounted : related.length === 1 ? related : [];
        if (documents.length === 0) return [];
        const isOpen = documents.some((document) => hasOpenInclude(document, service));
        const isComplete = !isOpen && (mounted.length === mounts.length || mounts.length === 1);
        return [{ compose, service, documents, isComplete }];
      }),
    );
}

function hasOpenInclude(document: NginxDocument, service: ForeignService): boolean {
  return findNginx(document.statements, "include").some(({ statement: { args } }) => {
    const [path = ""] = args;
    const isEmpty = /\*/.test(path) && !service.mounts.some(({ target }) => path.startsWith(target));
    return !HARMLESS_INCLUDE.test(path) && !(isEmpty && !/conf\.d/.test(path));
  });
}

function leadsTo(document: NginxDocument, { services }: ComposeFacts): boolean {
  const names = new Set(services.flatMap((service) => service.names));
  return upstreamHosts(document.statements).some(({ host }) => names.has(host));
}

/** Every server with its ports; `listen` without a literal port gives none. */
export function serversOf(document: NginxDocument): readonly ListeningServer[] {
  return findNginx(document.statements, "server")
    .filter(({ statement: { block } }) => block !== null)
    .map(({ statement }) => {
      const listens = (statement.block ?? []).filter(({ name }) => name === "listen");
      const ports = listens.flatMap(({ args: [address = ""], line }) => {
        const port = /^(?:(?:\[[^\]]*\]|[\w.*-]*):)?([0-9]+)$/.exec(address)?.[1];
        const only = /^(127\.|\[::1\]|localhost)/.test(address);
        return port === undefined || only ? [] : [{ port: Number(port), line }];
      });
      const usual = listens.length === 0 ? [{ port: 80, line: statement.line }] : ports;
      return { document, statement, ports: usual };
    });
}

export interface UpstreamHost {
  readonly host: string;
  readonly line: number;
  /** nginx asks for it again: by a variable, or by `resolve` in an upstream. */
  readonly isResolvedAgain: boolean;
  /** The server block around it; null in an upstream. */
  readonly server: NginxStatement | null;
}

/** The hosts that a configuration passes requests to, variables of `set` filled in. */
export function upstreamHosts(statements: readonly NginxStatement[]): readonly UpstreamHost[] {
  const upstreams = findNginx(statements, "upstream").filter(({ statement }) => statement.block !== null);
  const groups = new Set(upstreams.map(({ statement }) => statement.args[0] ?? ""));
  const members = upstreams.flatMap(({ statement }) =>
    (statement.block ?? [])
      .filter(({ name, block }) => name === "server" && block === null)
      .map(({ args, line }) => ({
        host: hostOf(args[0] ?? ""),
        line,
        isResolvedAgain: args.includes("resolve"),
        server: null,
      })),
  );
  const sets = new Map<string, string>();
  for (const { statement } of findNginx(statements, "set")) {
    const [variable = "", value = ""] = statement.args;
    if (!sets.has(variable)) sets.set(variable, value);
  }
  const passes = findNginx(statements, "proxy_pass").map(({ statement, around }) => {
    const [url = ""] = statement.args;
    const filled = url.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => sets.get(`$${name}`) ?? whole);
    return {
      host: hostOf(filled),
      line: statement.line,
      isResolvedAgain: /^[^/]*\/\/[^/]*\$|^\$/.test(url),
      server: around.filter(({ name }) => name === "server").at(-1) ?? null,
    };
  });
  return [...members, ...passes.filter(({ host }) => !groups.has(host))];
}

function hostOf(url: string): string {
  return url.replace(/^\w+:\/\//, "").replace(/[:/].*$/, "");
}
