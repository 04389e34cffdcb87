/** A Compose file as it is, with lines. https://github.com/compose-spec/compose-spec/blob/main/spec.md */
import { type YamlNode, yamlGet, yamlText } from "../../text/yaml-tree";
import { type ImageName, readImageName } from "./image-name";

export interface ComposePort {
  /** On the host; null where Docker chooses. */
  readonly published: number | null;
  readonly target: number;
  readonly isLoopback: boolean;
  readonly line: number;
}

export interface ComposeMount {
  /** A path of the host; a named volume is no mount here. */
  readonly source: string;
  readonly target: string;
  readonly line: number;
}

export interface ForeignService {
  readonly name: string;
  /** The names under which others reach it: service, container, host. */
  readonly names: readonly string[];
  readonly line: number;
  /** Null where it is built, absent or only its template knows. */
  readonly image: ImageName | null;
  readonly imageLine: number;
  readonly ports: readonly ComposePort[];
  readonly mounts: readonly ComposeMount[];
  /** Values as text, with the line of each. */
  readonly environment: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
}

/** Null where the document is no Compose file. */
export function readComposeServices(tree: YamlNode): readonly ForeignService[] | null {
  const services = yamlGet(tree, "services");
  if (services?.kind !== "map") return null;
  const isCompose = services.entries.some(
    ({ value }) => yamlGet(value, "image") !== null || yamlGet(value, "build") !== null,
  );
  // GitHub's and Drone's pipelines have `services` too.
  if (!isCompose || yamlGet(tree, "jobs") !== null || yamlGet(tree, "steps") !== null) return null;
  return services.entries
    .filter(({ value }) => value.kind === "map")
    .map(({ key, line, value }) => {
      const image = yamlGet(value, "image");
      const isBuilt = yamlGet(value, "build") !== null;
      const aliases = ["container_name", "hostname"].flatMap((each) => yamlText(yamlGet(value, each)) ?? []);
      return {
        name: key,
        names: [key, ...aliases],
        line,
        image: image?.kind === "scalar" && !isBuilt ? readImageName(image.text) : null,
        imageLine: image?.line ?? line,
        ports: itemsOf(yamlGet(value, "ports")).flatMap(readPorts),
        mounts: itemsOf(yamlGet(value, "volumes")).flatMap(readMount),
        environment: readEnvironment(yamlGet(value, "environment")),
      };
    });
}

function itemsOf(node: YamlNode | null): readonly YamlNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** `[host:][published:]target[/protocol]`, ranges as `5000-5003:5000-5003`, or the long form. */
function readPorts(node: YamlNode): readonly ComposePort[] {
  const long = yamlGet(node, "target");
  const short =
    long === null
      ? filled(yamlText(node) ?? "")
      : [yamlGet(node, "host_ip"), yamlGet(node, "published"), long]
          .map((part) => filled(yamlText(part) ?? ""))
          .filter((part) => part !== "")
          .join(":");
  const [, address, from, target] =
    /^(?:(\[[^\]]+\]|[^:.]*\.[^:]*|localhost):)?(?:([0-9]*(?:-[0-9]+)?):)?([0-9]+(?:-[0-9]+)?)(?:\/(?:tcp|udp))?$/.exec(
      short,
    ) ?? [];
  if (target === undefined) return [];
  const isLoopback = /^(127\.|localhost$|\[::1\]$)/.test(address ?? "");
  const targets = rangeOf(target);
  const published = from === undefined || from === "" ? [] : rangeOf(from);
  return targets.map((each, index) => ({
    published: published[index] ?? null,
    target: each,
    isLoopback,
    line: node.line,
  }));
}

const MAX_RANGE = 1_000;

function rangeOf(text: string): readonly number[] {
  const [first = 0, last = first] = text.split("-").map(Number);
  const length = Math.min(MAX_RANGE, Math.max(1, last - first + 1));
  return Array.from({ length }, (_, index) => first + index);
}

function readMount(node: YamlNode): readonly ComposeMount[] {
  const source = yamlText(yamlGet(node, "source"));
  const target = yamlText(yamlGet(node, "target"));
  if (source !== null && target !== null) return isPath(source) ? [{ source, target, line: node.line }] : [];
  const [from, to] = filled(yamlText(node) ?? "").split(":");
  return from !== undefined && to !== undefined && isPath(from)
    ? [{ source: from, target: to, line: node.line }]
    : [];
}

function isPath(text: string): boolean {
  return /^(\/|\.{1,2}\/|~\/)/.test(text);
}

function readEnvironment(node: YamlNode | null): ForeignService["environment"] {
  if (node?.kind === "map") {
    return new Map(
      node.entries.map(({ key, line, value }) => [key, { value: filled(yamlText(value) ?? ""), line }]),
    );
  }
  return new Map(
    itemsOf(node).map((item) => {
      const [key = "", ...value] = (yamlText(item) ?? "").split("=");
      return [key, { value: filled(value.join("=")), line: item.line }];
    }),
  );
}

function filled(text: string): string {
  return text.replace(/\$\{\w+:?-([^}]*)\}/g, "$1");
}
