import { join } from "node:path";
import { isObject } from "../../oci/descriptor";
import { UsageError } from "../arguments";
import { readText } from "../walk-options";

/** What a host should be, as its release says. */
export interface ExpectedHost {
  readonly id: string;
  readonly root: string;
  readonly dataRoot: string;
  readonly project: string;
  /** Cron files, units and lines of the crontab that may stay beside the release. */
  readonly keep: readonly string[];
  /** By path relative to the release. */
  readonly files: ReadonlyMap<string, ExpectedFile>;
  /** By absolute path on the host. */
  readonly installed: ReadonlyMap<string, string>;
  readonly services: readonly string[];
  /** Absolute paths of files and folders. */
  readonly secrets: readonly string[];
}

export interface ExpectedFile {
  readonly sha256: string;
  readonly executable: boolean;
}

const SCHEMA = "tallyman.release/1";
const SHA256 = /^[0-9a-f]{64}$/;
/** Without control characters: what goes into the script is quoted, what comes back is read by lines. */
const ABSOLUTE = /^\/[^\p{Cc}]*$/u;
const RELATIVE = /^[A-Za-z0-9._-][^\p{Cc}]*$/u;
const LINE = /^[^\p{Cc}]+$/u;
const NAME = /^[a-z0-9][a-z0-9_.-]*$/;

/** @throws UsageError naming what is wrong with release.json */
export function readRelease(folder: string): ExpectedHost {
  const path = join(folder, "release.json");
  const wrong = (what: string): UsageError =>
    new UsageError(`${JSON.stringify(path)} ${what}. Synthesize the stack again`);
  let json: unknown;
  const text = readText(path, "the folder");
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong("is no JSON");
  }
  if (!isObject(json) || json.schema !== SCHEMA) throw wrong(`is not of the schema ${SCHEMA}`);
  const word = (value: unknown, form: RegExp, name: string): string => {
    if (typeof value !== "string" || !form.test(value)) throw wrong(`has no sound ${name}`);
    return value;
  };
  const list = (value: unknown, name: string): readonly unknown[] => {
    if (!Array.isArray(value)) throw wrong(`has no list of ${name}`);
    return value;
  };
  const entry = (value: unknown, name: string): Readonly<Record<string, unknown>> => {
    if (!isObject(value)) throw wrong(`lists in ${name} what is no object`);
    return value;
  };
  const files = list(json.files, "files").map((value) => {
    const { path: file, sha256, executable } = entry(value, "files");
    const expected = { sha256: word(sha256, SHA256, "sha256 of a file"), executable: executable === true };
    return [word(file, RELATIVE, "path of a file"), expected] as const;
  });
  const installed = list(json.installed, "installed").map((value) => {
    const { path: file, sha256 } = entry(value, "installed");
    return [word(file, ABSOLUTE, "path in installed"), word(sha256, SHA256, "sha256 in installed")] as const;
  });
  return {
    id: word(json.id, /^[0-9a-f]{8,64}$/, "id"),
    root: word(json.root, ABSOLUTE, "root"),
    dataRoot: word(json.dataRoot, ABSOLUTE, "dataRoot"),
    project: word(json.project, NAME, "project"),
    keep: list(json.keep, "keep").map((value) => word(value, LINE, "entry of keep")),
    files: new Map(files),
    installed: new Map(installed),
    services: list(json.services, "services").map((value) => word(value, NAME, "service")),
    secrets: list(json.secrets ?? [], "secrets").map((value) => word(value, ABSOLUTE, "path of a secret")),
  };
}
