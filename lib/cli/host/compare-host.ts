import { printable } from "../../core/printable";
import { isObject } from "../../oci/descriptor";
import type { ExpectedHost } from "./read-release";
import { ANSWER_BEGIN, ANSWER_END } from "./render-host-script";

/** How a host differs from its release. Closed. */
export type DriftKind =
  | "release_other"
  | "file_changed"
  | "file_missing"
  | "file_extra"
  | "file_not_executable"
  | "installed_changed"
  | "installed_missing"
  | "schedule_foreign"
  | "garbage_collect_untagged"
  | "service_missing"
  | "service_not_running"
  | "service_unhealthy"
  | "registry_read_only"
  | "secret_missing"
  | "secret_exposed";

export interface Drift {
  readonly kind: DriftKind;
  /** A path, a service or a registry. */
  readonly subject: string;
  readonly detail: string;
}

export interface HostComparison {
  readonly drift: readonly Drift[];
  /** What the host would not show: neither drift nor its absence. */
  readonly undetermined: readonly string[];
  /** What would be drift at another time. */
  readonly notes: readonly string[];
}

/** The host's answer is none: it ended early, or is something else. */
export class HostAnswerError extends Error {
  override readonly name = "HostAnswerError";
}

type Row = readonly string[];

/** RELEASE_OWN_FILES of lib/registry-host/release, which a command would load lib/terraform for; a test compares. */
const OWN_FILES = new Set(
  "release.json files.sha256 installed.list services.list activate.sh upload.list verified".split(" "),
);
/** Fields of each kind of line. */
const FIELDS: Readonly<Record<string, number>> = {
  current: 1,
  file: 3,
  installed: 2,
  schedule: 2,
  service: 1,
  "services-failed": 0,
  lock: 1,
  "read-only": 1,
  secret: 2,
  unreadable: 1,
};
const STATE = /^(?:[0-9a-f]{64}|missing|unreadable)$/;
const DELETES_UNTAGGED = /garbage-collect.*\s(?:-[a-z]*m[a-z]*|--delete-untagged)(?:[\s=;"']|$)/;

/** @throws HostAnswerError */
export function compareHost(expected: ExpectedHost, answer: string): HostComparison {
  const rows = parseAnswer(answer);
  const of = (kind: string): readonly Row[] =>
    rows.filter(([name]) => name === kind).map(([, ...row]) => row);
  const unreadable = [
    ...new Set(of("unreadable").map(([path = ""]) => `${printable(path, 300)} cannot be read`)),
  ];
  const notes: string[] = [];
  const services = compareServices(expected, of("service"), of("services-failed").length > 0, unreadable);
  const drift = [
    ...compareRelease(expected, of("current"), of("file"), unreadable),
    ...compareInstalled(expected, of("installed"), unreadable),
    ...of("schedule")
      .filter(([where = "", line = ""]) => DELETES_UNTAGGED.test(line) || !isKept(expected.keep, where, line))
      .map(([where = "", line = ""]) => schedule(where, line)),
    ...services,
    ...compareReadOnly(of("read-only"), of("lock"), unreadable, notes),
    ...of("secret").map(([state = "", path = ""]) =>
      state === "missing"
        ? drifted("secret_missing", path, "the release needs it on the host")
        : drifted("secret_exposed", path, "everybody on the host may read it: chmod o-r"),
    ),
  ];
  return { drift, undetermined: unreadable, notes };
}

function parseAnswer(answer: string): readonly Row[] {
  const lines = answer.split("\n");
  const begin = lines.indexOf(ANSWER_BEGIN);
  const end = lines.lastIndexOf(ANSWER_END);
  if (begin < 0 || end < begin) throw new HostAnswerError("the host's answer is not whole");
  return lines.slice(begin + 1, end).map((line) => {
    const row = line.split("\t");
    const [kind = ""] = row;
    const isKnown = Object.hasOwn(FIELDS, kind) && row.length === (FIELDS[kind] ?? 0) + 1;
    const stated = kind === "file" || kind === "installed";
    if (!isKnown || (stated && !STATE.test(row[1] ?? ""))) {
      throw new HostAnswerError(`the host's answer has a line of no known form: ${printable(line, 100)}`);
    }
    return row;
  });
}

function compareRelease(
  { id, files }: ExpectedHost,
  current: readonly Row[],
  found: readonly Row[],
  unreadable: string[],
): readonly Drift[] {
  const release = current[0]?.[0] ?? "missing";
  if (release === "unreadable") {
    unreadable.push("the release that runs: its link cannot be read");
    return [];
  }
  // Another release has other files: to list them all would hide the one thing that matters.
  if (release !== id) return [drifted("release_other", "current", `is ${release}, expected ${id}`)];
  const there = new Map(found.map(([sha256 = "", mode = "", path = ""]) => [path, { sha256, mode }]));
  const expected = [...files].flatMap(([path, file]): readonly Drift[] => {
    const now = there.get(path);
    if (now === undefined) return [drifted("file_missing", path, "is not in the release on the host")];
    if (now.sha256 === "unreadable") unreadable.push(`${path} of the release cannot be read`);
    else if (now.sha256 !== file.sha256) return [drifted("file_changed", path, "has other bytes")];
    if (!file.executable || now.mode === "x") return [];
    return [drifted("file_not_executable", path, "cannot be run: chmod +x")];
  });
  const extra = [...there.keys()].filter((path) => !files.has(path) && !OWN_FILES.has(path));
  return [...expected, ...extra.map((path) => drifted("file_extra", path, "is not of the release"))];
}

function compareInstalled(
  { installed }: ExpectedHost,
  found: readonly Row[],
  unreadable: string[],
): readonly Drift[] {
  const there = new Map(found.map(([state = "", path = ""]) => [path, state]));
  return [...installed].flatMap(([path, sha256]): readonly Drift[] => {
    const state = there.get(path);
    if (state === undefined) throw new HostAnswerError(`the host's answer leaves out ${path}`);
    if (state === "missing") return [drifted("installed_missing", path, "is not installed")];
    if (state === "unreadable") unreadable.push(`${path} cannot be read`);
    else if (state !== sha256) return [drifted("installed_changed", path, "has other bytes")];
    return [];
  });
}

function schedule(where: string, line: string): Drift {
  return DELETES_UNTAGGED.test(line)
    ? drifted("garbage_collect_untagged", where, `deletes the children of every index: ${line}`)
    : drifted("schedule_foreign", where, `works on the registry beside its maintenance: ${line}`);
}

/** By the names of `adopt.keep`: a file, a unit, or a line of a crontab, with the scripts that it calls. */
function isKept(keep: readonly string[], where: string, line: string): boolean {
  const script = /^calls (\/[^:]+):/.exec(line)?.[1];
  const user = /^\/var\/spool\/cron\/(?:crontabs\/)?([^/]+)$/.exec(where)?.[1];
  // The activation is root's, to whom the crontab is its own.
  const tables = [
    where,
    ...(user === undefined ? [] : [`crontab ${user}`]),
    ...(user === "root" ? ["crontab"] : []),
  ];
  return keep.some((name) => {
    if (name === where || `/etc/systemd/system/${name}` === where) return true;
    const table = tables.find((one) => name.startsWith(`${one}: `));
    if (table === undefined) return false;
    const kept = name.slice(table.length + 2);
    return script === undefined ? line.replace(/^[0-9]+: ?/, "") === kept : kept.includes(script);
  });
}

/** Whoever makes a registry read-only holds the lock for as long as it is meant to be. */
function compareReadOnly(
  found: readonly Row[],
  lock: readonly Row[],
  unreadable: string[],
  notes: string[],
): readonly Drift[] {
  const state = lock[0]?.[0] ?? "unreadable";
  return found.flatMap(([name = ""]): readonly Drift[] => {
    if (state === "free") return [drifted("registry_read_only", name, "maintenance left it read-only")];
    const shown = printable(name, 100);
    if (state === "held") notes.push(`${shown} is read-only: maintenance or activation under way`);
    else unreadable.push(`whether ${shown} was left read-only: activation/lock cannot be asked`);
    return [];
  });
}

function compareServices(
  { services }: ExpectedHost,
  rows: readonly Row[],
  failed: boolean,
  unreadable: string[],
): readonly Drift[] {
  if (failed) {
    unreadable.push("the services: docker compose ps failed");
    return [];
  }
  const there = new Map(
    rows.flatMap(([text = ""]) => parseContainers(text)).map((one) => [one.service, one] as const),
  );
  return services.flatMap((name): readonly Drift[] => {
    const container = there.get(name);
    if (container === undefined) return [drifted("service_missing", name, "has no container")];
    const { state, health } = container;
    if (state !== "running") return [drifted("service_not_running", name, `is ${state}`)];
    return health === "" || health === "healthy" ? [] : [drifted("service_unhealthy", name, `is ${health}`)];
  });
}

/** Compose since 2.21 writes an object a line, before that one list. */
function parseContainers(text: string): readonly { service: string; state: string; health: string }[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new HostAnswerError("docker compose ps answered with what is no JSON");
  }
  const all: readonly unknown[] = Array.isArray(json) ? json : [json];
  return all.map((one) => {
    if (!isObject(one) || typeof one.Service !== "string" || typeof one.State !== "string") {
      throw new HostAnswerError("docker compose ps answered without Service and State");
    }
    return {
      service: one.Service,
      state: one.State,
      health: typeof one.Health === "string" ? one.Health : "",
    };
  });
}

function drifted(kind: DriftKind, subject: string, detail: string): Drift {
  return { kind, subject: printable(subject, 300), detail: printable(detail, 700) };
}
