import type { Problem } from "../../core/problem";
import { type RegistryHostSpec, serviceOf } from "../host-spec";
import type { ComposeServiceDocument } from "./compose-document";
import type { FrontRoute } from "./front-document";
import type { HostDocuments } from "./host-documents";

/** Whether the service is a front: nginx by its image, or by what it mounts. */
export function isFront({ image, mounts }: ComposeServiceDocument): boolean {
  return (
    /(?:^|\/)nginx(?:[:@]|$)/.test(image) || mounts.some(({ target }) => target.startsWith("/etc/nginx"))
  );
}

/** Between the front, its servers, the services behind them and the registries of the spec. */
export function checkFrontDocument(spec: RegistryHostSpec, documents: HostDocuments): readonly Problem[] {
  return [
    ...Object.keys(spec.registries).flatMap((name) => checkRegistry(spec, name, documents)),
    ...checkPublished(documents),
    ...checkBackends(documents),
    ...checkMetrics(spec, documents),
    ...checkDeletingPages(documents),
  ];
}

function checkRegistry(spec: RegistryHostSpec, name: string, documents: HostDocuments): readonly Problem[] {
  const { port, kind } = spec.registries[name] ?? { port: 0, kind: "cache" };
  const service = serviceOf(name);
  const problems: Problem[] = [];
  const add = (path: string, rule: string, value: unknown, fix: string): void => {
    problems.push({ path: `registries.${name}, ${path}`, rule, value, fix });
  };
  if (!documents.services.some((one) => one.name === service)) {
    add(documents.composePath, `have the service ${service}`, undefined, "Add it.");
  }
  const fronts = documents.services.filter(isFront);
  if (!fronts.some(({ ports }) => ports.some(({ published }) => published.includes(port)))) {
    add(
      documents.composePath,
      `be published by the front on port ${port}`,
      undefined,
      `Add "${port}:${port}".`,
    );
  }
  const servers = documents.servers.filter(({ ports }) => ports.includes(port));
  if (servers.length === 0) {
    add(
      documents.nginxPath,
      `have a server on port ${port}`,
      undefined,
      `Add a server that listens on ${port}.`,
    );
    return problems;
  }
  const backends = servers.flatMap(({ routes }) => routes.flatMap(({ backend }) => backend?.host ?? []));
  const foreign = backends.find((host) => host !== service);
  if (backends.length === 0 || foreign !== undefined) {
    add(documents.nginxPath, `lead to ${service} on port ${port}`, foreign, `Proxy to ${service} alone.`);
  }
  if (kind === "private" && !servers.every(({ isTls }) => isTls)) {
    add(documents.nginxPath, `speak TLS on port ${port}`, `listen ${port}`, `Write listen ${port} ssl.`);
  }
  return problems;
}

/** Each published port of a front leads to a server, and each server can be reached. */
function checkPublished({ services, servers, composePath, nginxPath }: HostDocuments): readonly Problem[] {
  const fronts = services.filter(isFront);
  const listening = new Set(servers.flatMap(({ ports }) => ports));
  const targets = new Set(fronts.flatMap(({ ports }) => ports.map(({ target }) => target)));
  return [
    ...fronts.flatMap(({ name, ports }) =>
      ports
        .filter(({ target }) => !listening.has(target))
        .map(({ target }) => ({
          path: `${composePath}: services.${name}.ports`,
          rule: `lead to a server of ${nginxPath}`,
          value: target,
          fix: `Add a server that listens on ${target}, or publish it no more.`,
        })),
    ),
    ...[...listening]
      .filter((port) => !targets.has(port))
      .map((port) => ({
        path: `${nginxPath}: listen ${port}`,
        rule: "be published by the front",
        value: port,
        fix: `Add "${port}:${port}" to its ports in ${composePath}.`,
      })),
  ];
}

function checkBackends({ servers, services, hasResolver, nginxPath }: HostDocuments): readonly Problem[] {
  const names = new Set(services.map(({ name }) => name));
  const proxied = servers.flatMap(({ ports, routes }) =>
    routes.flatMap((route) => (route.backend === null ? [] : [{ path: at(nginxPath, ports, route), route }])),
  );
  const unresolved: readonly Problem[] =
    proxied.length > 0 && !hasResolver && proxied.some(({ route }) => !route.isResolvedOnce)
      ? [
          {
            path: nginxPath,
            rule: "have a resolver",
            value: undefined,
            fix: "Write resolver 127.0.0.11 valid=10s;",
          },
        ]
      : [];
  return [
    ...unresolved,
    ...proxied.flatMap(({ path, route }): readonly Problem[] => {
      const host = route.backend?.host ?? "";
      if (!names.has(host)) {
        const fix = "Name a service of the Compose file.";
        return [{ path, rule: "lead to a service", value: host, fix }];
      }
      if (!route.isResolvedOnce) return [];
      const fix = `Write set $backend ${host}; and proxy_pass http://$backend:…; with a resolver: a container that is recreated has another address.`;
      return [{ path, rule: "not be resolved once and for all", value: host, fix }];
    }),
  ];
}

function at(nginxPath: string, ports: readonly number[], { location }: FrontRoute): string {
  return `${nginxPath}: server ${ports.join(", ")}, location ${location}`;
}

function checkMetrics(spec: RegistryHostSpec, documents: HostDocuments): readonly Problem[] {
  const { nginxPath, servers } = documents;
  const { port } = spec.metrics;
  const own = servers.filter(({ ports }) => ports.includes(port));
  const exposed = servers.flatMap((server) => {
    const isMetrics = server.ports.includes(port);
    return server.routes
      .filter(({ backend }) => backend !== null && (isMetrics || backend.port === 5001))
      .filter(({ location, isDenied }) => !(isMetrics && /^= \/metrics\/[^/]+$/.test(location) && isDenied))
      .map((route) => ({
        path: at(nginxPath, server.ports, route),
        rule: `serve metrics alone, by location = /metrics/<registry> on port ${port}, to those who are named`,
        value: route.location,
        fix: "Write allow …; deny all; in an exact location: the listener behind it serves /debug/pprof too.",
      }));
  });
  const missing = Object.keys(spec.registries).filter(
    (name) => !own.some(({ routes }) => routes.some(({ location }) => location === `= /metrics/${name}`)),
  );
  return [
    ...exposed,
    ...missing.map((name) => ({
      path: `registries.${name}, ${nginxPath}`,
      rule: `have its metrics on port ${port}`,
      value: undefined,
      fix: `Add location = /metrics/${name} to the server on ${port}.`,
    })),
  ];
}

/** A page that offers to delete is behind a password, by whatever way one comes to it. */
function checkDeletingPages({
  services,
  servers,
  composePath,
  nginxPath,
}: HostDocuments): readonly Problem[] {
  const pages = services.filter(({ environment }) =>
    /^(?:true|1|yes)$/i.test(environment.get("DELETE_IMAGES") ?? ""),
  );
  return pages.flatMap(({ name, ports }) => {
    const value = "DELETE_IMAGES=true";
    const direct = ports.length === 0 ? [] : [`${composePath}: services.${name}.ports`];
    const open = servers.flatMap((server) =>
      server.routes
        .filter(({ backend, hasPassword }) => backend?.host === name && !hasPassword)
        .map((route) => at(nginxPath, server.ports, route)),
    );
    const fix = "Let it be reached through the front alone, with auth_basic there, or do not let it delete.";
    return [...direct, ...open].map((path) => ({
      path,
      rule: "not offer to delete without a password",
      value,
      fix,
    }));
  });
}
