/**
 * A Compose file as anybody may have written it, as far as the cross-checks ask.
 * https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
import { parseYaml } from "../../text/yaml";

export interface ComposePort {
  /** Every port of the host that it takes; empty where Docker chooses one. */
  readonly published: readonly number[];
  /** Inside the container; the first of a range. */
  readonly target: number;
}

export interface ComposeMount {
  /** On the host, or a volume's name. */
  readonly source: string;
  readonly target: string;
}

export interface ComposeServiceDocument {
  readonly name: string;
  readonly image: string;
  readonly ports: readonly ComposePort[];
  readonly mounts: readonly ComposeMount[];
  /** As one line; null where there is none or it is switched off. */
  readonly healthcheck: string | null;
  readonly environment: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly dependsOn: readonly string[];
}

const MAX_RANGE = 1_000;

/** @throws ConfigurationError for what is no YAML; what is no service is left out */
export function parseCompose(text: string, source: string): readonly ComposeServiceDocument[] {
  return [...entries(field(parseYaml(text, source), "services"))].map(([name, service]) => ({
    name,
    image: textOf(field(service, "image")),
    ports: list(field(service, "ports")).flatMap(portOf),
    mounts: list(field(service, "volumes")).flatMap(mountOf),
    healthcheck: healthcheckOf(field(service, "healthcheck")),
    environment: pairs(field(service, "environment")),
    labels: pairs(field(service, "labels")),
    dependsOn: namesOf(field(service, "depends_on")),
  }));
}

/** `value.name`, where the value is an object and has it as its own. */
export function field(value: unknown, name: string): unknown {
  return entries(value).get(name);
}

function entries(value: unknown): ReadonlyMap<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Map<string, unknown>(Object.entries(value))
    : new Map();
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
}

/** A map, or a list of `KEY=value`. */
function pairs(value: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(value)) return new Map([...entries(value)].map(([key, one]) => [key, textOf(one)]));
  return new Map(
    value.map(textOf).map((line): [string, string] => {
      const at = line.indexOf("=");
      return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : [...entries(value).keys()];
}

function healthcheckOf(value: unknown): string | null {
  const test = field(value, "test");
  if (field(value, "disable") === true) return null;
  const words = Array.isArray(test) ? test.map(textOf) : [textOf(test)];
  const line = words.filter((word) => word !== "CMD" && word !== "CMD-SHELL").join(" ");
  return line === "" || line === "NONE" ? null : line;
}

/** `[address:][published:]target[/protocol]`, ranges allowed, or the long form. */
function portOf(value: unknown): readonly ComposePort[] {
  const long = entries(value);
  if (long.size > 0) {
    const target = range(textOf(long.get("target")))[0];
    return target === undefined ? [] : [{ published: range(textOf(long.get("published"))), target }];
  }
  const parts = textOf(value)
    .replace(/\/(?:tcp|udp)$/, "")
    .replace(/^\[[^\]]*\]:/, "")
    .split(":");
  const target = range(parts.at(-1) ?? "")[0];
  return target === undefined ? [] : [{ published: range(parts.at(-2) ?? ""), target }];
}

function range(text: string): readonly number[] {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text);
  if (match === null) return [];
  const from = Number(match[1]);
  const count = Math.min(Number(match[2] ?? from) - from + 1, MAX_RANGE);
  return Array.from({ length: Math.max(count, 0) }, (_, i) => from + i);
}

function mountOf(value: unknown): readonly ComposeMount[] {
  const long = entries(value);
  if (long.size > 0) {
    const source = textOf(long.get("source"));
    return source === "" ? [] : [{ source, target: textOf(long.get("target")) }];
  }
  const [source, target] = textOf(value).split(":");
  return source === undefined || target === undefined ? [] : [{ source, target }];
}
