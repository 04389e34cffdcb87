import { type FrontServer, readFront } from "../../../registry-host/cross-check/front-document";
import { parseNginx } from "../../../registry-host/documents/nginx-syntax";
import type { Json } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { baseName } from "../common/place-name";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { childrenOf, pathOf, type Spot, spotsOf } from "../common/spot";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule } from "../domain-rule";

/** Servers of nginx: that they are there, speak TLS, ask for a password, and lead where they led. */
export const FRONT: DomainRule = {
  name: "front",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    return judged(
      placePairs(input).flatMap((pair) => {
        const before = frontsOf(pair.base);
        return [...frontsOf(pair.head)].flatMap(([path, now]) => {
          const old = before.get(path);
          return old === undefined || old.text === now.text ? [] : compare(pair, old, now, index);
        });
      }),
    );
  },
};

interface Front {
  readonly spot: Spot;
  readonly text: string;
  readonly byPort: ReadonlyMap<number, FrontServer>;
}

/** Longer ones are data. */
const MAX_CONFIG = 1_000_000;

function frontsOf(root: Json | undefined): ReadonlyMap<string, Front> {
  const found = new Map<string, Front>();
  const texts = spotsOf(root).filter(({ value }) => typeof value === "string");
  for (const spot of [...texts, ...(typeof root === "object" ? spotsOf(root).flatMap(childrenOf) : [])]) {
    const { value: text } = spot;
    if (typeof text !== "string" || text.length > MAX_CONFIG || !text.includes("listen")) continue;
    if (!/^\s*server\s*\{/m.test(text) || !/\blisten\s/.test(text)) continue;
    const path = pathOf(spot.steps);
    if (found.has(path)) continue;
    const { servers } = readFront(parseNginx(text).statements);
    if (servers.length === 0) continue;
    const byPort = new Map(servers.flatMap((server) => server.ports.map((port) => [port, server] as const)));
    found.set(path, { spot, text, byPort });
  }
  return found;
}

/** The text itself is one difference, of which a statement says a part. */
function compare(
  { place, label }: PlacePair,
  old: Front,
  now: Front,
  index: DeltaIndex,
): readonly Statement[] {
  const touches = index.below(place, now.spot.steps);
  const name = baseName(now.spot.steps.at(-1)?.name ?? label);
  const tell = (
    words: Pick<Statement, "grade" | "kind" | "before" | "after" | "text">,
    about: string,
  ): Statement => ({
    ...words,
    subject: `${name} ${about}`,
    place,
    steps: now.spot.steps,
    covers: [],
    touches,
  });
  return [
    ...[...old.byPort].flatMap(([port, was]): readonly Statement[] => {
      const server = now.byPort.get(port);
      const lost = {
        before: `${port}`,
        after: null,
        text: `The front has no server on port ${port} any more: clients that ask there are refused.`,
      };
      if (server === undefined)
        return [tell({ grade: "risk", kind: "front_server_lost", ...lost }, `${port}`)];
      return [
        ...(was.isTls && !server.isTls ? [tell(noTls(port), `${port} tls`)] : []),
        ...(!was.isTls && server.isTls ? [tell(tls(port), `${port} tls`)] : []),
        ...routes(port, was, server).map((words) => tell(words, `${port} ${words.location}`)),
      ];
    }),
    ...[...now.byPort.keys()]
      .filter((port) => !old.byPort.has(port))
      .map((port) => {
        const text = `The front has a server on port ${port} now.`;
        return tell(
          { grade: "info", kind: "front_server_added", before: null, after: `${port}`, text },
          `${port}`,
        );
      }),
  ];
}

function noTls(port: number) {
  const text = `The front speaks no TLS on port ${port} any more: passwords and layers travel in the clear.`;
  return { grade: "danger", kind: "tls_lost", before: `${port} ssl`, after: `${port}`, text } as const;
}

function tls(port: number) {
  const text = `The front speaks TLS on port ${port} now: clients that ask by http fail.`;
  return { grade: "notice", kind: "tls_added", before: `${port}`, after: `${port} ssl`, text } as const;
}

type RouteWords = Pick<Statement, "grade" | "kind" | "before" | "after" | "text"> & {
  readonly location: string;
};

function routes(port: number, old: FrontServer, now: FrontServer): readonly RouteWords[] {
  const after = new Map(now.routes.map((route) => [route.location, route]));
  return old.routes.flatMap((was): readonly RouteWords[] => {
    const route = after.get(was.location);
    const location = shown(was.location);
    const where = `location ${location} of port ${port}`;
    if (route === undefined) return [];
    const [from, to] = [was, route].map(({ backend }) =>
      backend === null ? "no registry" : shown(`${backend.host}:${backend.port ?? 80}`),
    );
    const password: RouteWords = {
      ...{ grade: "danger", kind: "auth_removed", location, before: "auth_basic", after: null },
      text: `The front asks nobody for a password in ${where} any more.`,
    };
    const opened: RouteWords = {
      ...{ grade: "risk", kind: "front_opened", location, before: "deny all", after: null },
      text: `The front lets everybody into ${where}, where it let in those alone whom it names.`,
    };
    const led: RouteWords = {
      ...{ grade: "risk", kind: "front_backend_changed", location, before: from ?? null, after: to ?? null },
      text: `The front leads ${where} to ${to} instead of ${from}.`,
    };
    return [
      ...(was.hasPassword && !route.hasPassword ? [password] : []),
      ...(was.isDenied && !route.isDenied ? [opened] : []),
      ...(from === to ? [] : [led]),
    ];
  });
}
