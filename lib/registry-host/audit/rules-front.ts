import { isRegistryImage } from "../documents/image-name";
import { type AuditFinding, auditFinding } from "./audit-finding";
import { type Front, frontsOf, type ListeningServer, serversOf, upstreamHosts } from "./nginx-facts";
import { placeIn, type RepositoryFacts } from "./repository-facts";

/** The front of a registry host against its Compose file, and how it finds the registries. */
export function frontFindings(facts: RepositoryFacts): readonly AuditFinding[] {
  return [...frontsOf(facts).flatMap(portFindings), ...upstreamFindings(facts)];
}

function portFindings({ compose, service, documents, isComplete }: Front): readonly AuditFinding[] {
  if (!isComplete) return [];
  const servers = documents.flatMap(serversOf);
  // A port that only a template knows may be any.
  if (servers.length === 0 || servers.some(hasOpenListen)) return [];
  const listening = new Set(servers.flatMap(({ ports }) => ports.map(({ port }) => port)));
  const targets = new Set(service.ports.map(({ target }) => target));
  const unserved = service.ports.filter(({ target }) => !listening.has(target));
  const unpublished =
    targets.size === 0
      ? []
      : servers.filter(({ ports }) => ports.length > 0 && !ports.some(({ port }) => targets.has(port)));
  return [
    ...unserved.map(({ published, target, line }) =>
      auditFinding(
        "port-without-server",
        placeIn(compose.origin, line),
        `${service.name} publishes ${published ?? target}`,
      ),
    ),
    ...unpublished.map(({ document, ports }) => {
      const [first = { port: 0, line: 1 }] = ports;
      return auditFinding(
        "server-without-port",
        placeIn(document.origin, first.line),
        `a server listens on ${first.port}`,
      );
    }),
  ];
}

function hasOpenListen({ statement }: ListeningServer): boolean {
  return (statement.block ?? []).some(({ name, args }) => name === "listen" && /[${]/.test(args[0] ?? ""));
}

function upstreamFindings({ composes, material }: RepositoryFacts): readonly AuditFinding[] {
  const services = composes.flatMap((compose) => compose.services);
  const registries = new Set(
    services.filter(({ image }) => image !== null && isRegistryImage(image)).flatMap(({ names }) => names),
  );
  return material.nginx.flatMap(({ origin, statements }) =>
    upstreamHosts(statements)
      .filter(({ host, isResolvedAgain }) => !isResolvedAgain && registries.has(host))
      .map(({ host, line }) =>
        auditFinding("upstream-resolved-once", placeIn(origin, line), `literal upstream ${host}`),
      ),
  );
}
