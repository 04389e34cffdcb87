import type { ComposeServiceDocument } from "../../../registry-host/cross-check/compose-document";
import type { Grade } from "../../change";
import { isJsonObject, type Json } from "../../json";
import { childOf, type Spot } from "../common/spot";
import { shown } from "../common/statement";

/** What a change of a service means. */
export interface ServiceChange {
  readonly grade: Grade;
  readonly kind: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly text: string;
  /** From the service, or from the file where there is none. */
  readonly path: readonly string[];
}

const STORAGE = /^\/var\/lib\/(?:registry|docker-registry)(?:\/|$)/;

/** What is mounted where a registry keeps its data. */
export function storageChanges(
  old: ComposeServiceDocument,
  now: ComposeServiceDocument,
): readonly ServiceChange[] {
  return old.mounts
    .filter(({ target }) => STORAGE.test(target) || /\/data$/.test(target))
    .flatMap(({ source, target }): readonly ServiceChange[] => {
      const after = now.mounts.find((mount) => mount.target === target)?.source ?? null;
      if (after === source) return [];
      const what = after === null ? "is mounted no more" : `is mounted from ${shown(after)}`;
      const text = `${now.name} starts an empty registry unless its data is moved first: ${target} was ${shown(source)} and ${what}.`;
      const values = { before: shown(source), after: after === null ? null : shown(after) };
      return [{ grade: "danger", kind: "storage_moved", path: ["volumes"], ...values, text }];
    });
}

/** Published to the host itself alone. */
export function loopbackPorts(service: Spot | null): ReadonlySet<number> {
  const list = service === null ? null : childOf(service, "ports")?.value;
  const all: readonly Json[] = Array.isArray(list) ? list : [];
  return new Set(
    all.flatMap((one) => {
      const loopback =
        typeof one === "string"
          ? /^(?:127\.[\d.]+|localhost|\[::1\]):(\d+):/.exec(one)?.[1]
          : isJsonObject(one) && /^(?:127\.|::1|localhost)/.test(textOf(one.host_ip) ?? "")
            ? (textOf(one.published) ?? (typeof one.published === "number" ? `${one.published}` : undefined))
            : undefined;
      return loopback === undefined ? [] : [Number(loopback)];
    }),
  );
}

/** Ports of the host that came, went, or lead elsewhere. */
export function portChanges(
  old: ComposeServiceDocument,
  now: ComposeServiceDocument,
  [loopbackBefore = new Set(), loopbackAfter = new Set()]: readonly ReadonlySet<number>[],
): readonly ServiceChange[] {
  const [before, after] = [old, now].map(
    (one) =>
      new Map(one.ports.flatMap(({ published, target }) => published.map((port, at) => [port, target + at]))),
  );
  if (before === undefined || after === undefined) return [];
  const path = ["ports"];
  return [
    ...[...after].flatMap(([port, target]): readonly ServiceChange[] => {
      const was = before.get(port);
      const where = loopbackAfter.has(port) ? "on loopback" : "to the network";
      if (was === undefined) {
        const text = `${now.name} publishes port ${port} ${where}.`;
        return [{ grade: "notice", kind: "port_published", path, before: null, after: `${port}`, text }];
      }
      if (loopbackBefore.has(port) && !loopbackAfter.has(port)) {
        const text = `${now.name} publishes port ${port} to the network, where it was on loopback alone.`;
        return [
          { grade: "risk", kind: "port_exposed", path, before: `127.0.0.1:${port}`, after: `${port}`, text },
        ];
      }
      if (was === target) return [];
      const text = `Port ${port} of ${now.name} leads to ${target} inside the container instead of ${was}.`;
      return [
        {
          grade: "notice",
          kind: "port_target_changed",
          path,
          before: `${port}:${was}`,
          after: `${port}:${target}`,
          text,
        },
      ];
    }),
    ...[...before.keys()]
      .filter((port) => !after.has(port))
      .map((port): ServiceChange => {
        const text = `${now.name} publishes port ${port} no more: clients that use it are refused.`;
        return { grade: "notice", kind: "port_unpublished", path, before: `${port}`, after: null, text };
      }),
  ];
}

/** Environment that overrules a registry's configuration. https://distribution.github.io/distribution/about/configuration/#override-specific-configuration-options */
export function environmentChanges(
  old: ComposeServiceDocument,
  now: ComposeServiceDocument,
): readonly ServiceChange[] {
  const read = (name: string) => [old, now].map(({ environment }) => environment.get(name) ?? null);
  const path = (name: string) => ["environment", name];
  const [from, to] = read("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY");
  const [remote, other] = read("REGISTRY_PROXY_REMOTEURL");
  const hadAuth = [...old.environment.keys()].some((key) => /^REGISTRY_AUTH/.test(key));
  const hasAuth = [...now.environment.keys()].some((key) => /^REGISTRY_AUTH/.test(key));
  const words: ServiceChange[] = [];
  if (from !== to) {
    const name = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY";
    const values = { before: shown(from ?? null), after: shown(to ?? null) };
    const text = `${now.name} starts an empty registry unless its data is moved first: ${values.before} became ${values.after}.`;
    words.push({ grade: "danger", kind: "storage_moved", path: path(name), ...values, text });
  }
  if (remote !== other) {
    const values = { before: shown(remote ?? null), after: shown(other ?? null) };
    const text = `${now.name} fetches from another registry: ${values.before} became ${values.after}.`;
    const grade = remote === null || other === null ? "danger" : "risk";
    words.push({
      grade,
      kind: "proxy_upstream_changed",
      path: path("REGISTRY_PROXY_REMOTEURL"),
      ...values,
      text,
    });
  }
  if (hadAuth && !hasAuth) {
    const text = `${now.name} asks nobody for a password any more: REGISTRY_AUTH is gone from its environment.`;
    words.push({
      grade: "danger",
      kind: "auth_removed",
      path: path("REGISTRY_AUTH"),
      before: "REGISTRY_AUTH",
      after: null,
      text,
    });
  }
  return words;
}

/** By which others find the container. */
export function containerNameChanges(
  service: string,
  old: Spot | null,
  now: Spot | null,
): readonly ServiceChange[] {
  const [before, after] = [old, now].map((spot) =>
    spot === null ? null : textOf(childOf(spot, "container_name")?.value),
  );
  if (before === after || before === undefined || after === undefined) return [];
  const text = `The container of ${service} is called ${shown(after ?? "by its project")} instead of ${shown(before ?? "by its project")}: scripts and alerts that name it find nothing.`;
  const values = {
    before: before === null ? null : shown(before),
    after: after === null ? null : shown(after),
  };
  return [{ grade: "risk", kind: "container_name_changed", path: ["container_name"], ...values, text }];
}

/** Null for what is no text, and for the empty one. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
