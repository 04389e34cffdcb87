import { realpathSync } from "node:fs";
import { Duration } from "../../core/duration";
import { printable } from "../../core/printable";
import { type ByteSlice, parseByteSlice, settleByteSlice } from "../../integrity/byte-slice";
import { type FoundRegistries, findRegistries } from "../../integrity/disk/find-registries";
import type { StorageRole } from "../../integrity/disk/scan-model";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";
import { errorCode } from "../error-code";

export { SCAN_COMMAND } from "./scan-spec";

export interface ScanCommandOptions {
  readonly root: string;
  readonly found: Extract<FoundRegistries, { kind: "found" }>;
  readonly roles: ReadonlyMap<string, StorageRole>;
  readonly instances: ReadonlyMap<string, string>;
  readonly format: "table" | "json" | "prometheus";
  readonly textfile: string | null;
  readonly slice: ByteSlice | null;
  readonly fixLayerLinks: boolean;
  readonly dryRun: boolean;
}

/** Reads the words, and looks what the root is. @throws UsageError */
export function readScanOptions(raw: RawArguments, nowMs: number): ScanCommandOptions {
  const [root, ...more] = raw.positionals;
  if (root === undefined) throw new UsageError("scan needs a folder, as `tallyman scan /var/lib/registry`");
  if (more.length > 0) throw new UsageError(`scan takes one folder, got also ${quoted(more[0] as string)}`);
  const reader = new OptionReader(raw.values);
  const format = reader.choice("format", ["table", "json", "prometheus"] as const, "table");
  const interval = reader.duration("interval", Duration.hours(24), Duration.seconds(1));
  const slice = readSlice(reader.text("verify-bytes"), nowMs, interval);
  const fixLayerLinks = reader.flag("fix-layer-links");
  const dryRun = reader.flag("dry-run");
  if (dryRun && !fixLayerLinks)
    throw new UsageError("--dry-run needs --fix-layer-links: a scan changes nothing");
  const textfile = reader.text("textfile");
  if (textfile !== null && !textfile.endsWith(".prom")) {
    throw new UsageError(
      `--textfile must end in .prom, which the node exporter reads, got ${quoted(textfile)}`,
    );
  }
  const found = look(root);
  const names = found.registries.map(({ name }) => name);
  const roles = readRoles(reader.list("role"), names);
  const instances = readInstances(reader.list("instance"), names, roles);
  return { root, found, roles, instances, format, textfile, slice, fixLayerLinks, dryRun };
}

function look(root: string): Extract<FoundRegistries, { kind: "found" }> {
  let real: string;
  try {
    real = realpathSync(root);
  } catch (error) {
    throw new UsageError(
      `scan must be given a folder that is there, got ${quoted(root)} (${errorCode(error)})`,
    );
  }
  const found = findRegistries(real);
  if (found.kind === "found") return found;
  throw new UsageError(
    `${quoted(root)} is no registry's storage: ${printable(found.problem)}. ` +
      "Name what the registry's configuration calls rootdirectory, or the folder of several such",
  );
}

function readSlice(text: string | null, nowMs: number, interval: Duration): ByteSlice | null {
  if (text === null) return null;
  const spec = parseByteSlice(text);
  if (spec === null) {
    throw new UsageError(
      `--verify-bytes must be all, k/n or auto/n with k from 1 to n, got ${JSON.stringify(text)}`,
    );
  }
  return settleByteSlice(spec, nowMs, interval.toMilliseconds());
}

function readRoles(texts: readonly string[], names: readonly string[]): Map<string, StorageRole> {
  const roles = new Map<string, StorageRole>();
  for (const text of texts) {
    const at = text.lastIndexOf("=");
    const role = text.slice(at + 1);
    if (at < 0 || (role !== "authoritative" && role !== "cache")) {
      throw new UsageError(`--role must be as private=authoritative or ghcr=cache, got ${quoted(text)}`);
    }
    roles.set(known("role", text.slice(0, at), names), role);
  }
  return roles;
}

/** A bare name is the one authoritative registry's: that is the one which alerts speak of. */
function readInstances(
  texts: readonly string[],
  names: readonly string[],
  roles: ReadonlyMap<string, StorageRole>,
): Map<string, string> {
  const instances = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at >= 0) {
      instances.set(known("instance", text.slice(0, at), names), text.slice(at + 1));
      continue;
    }
    const own = names.filter((name) => roles.get(name) !== "cache");
    const [only] = own.length === 1 ? own : names;
    if (only === undefined || (own.length !== 1 && names.length !== 1)) {
      throw new UsageError(
        `--instance must say which registry it names, as ${own[0] ?? names[0]}=${text}: there are ${names.join(", ")}`,
      );
    }
    instances.set(only, text);
  }
  return instances;
}

function known(option: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  throw new UsageError(
    `--${option} must name a folder that is there, ${names.join(" or ")}, got ${quoted(name)}`,
  );
}
