import { existsSync } from "node:fs";
import { join } from "node:path";
import { Duration } from "../../core/duration";
import { LAYOUT_ROOT } from "../../integrity/disk/layout";
import { checkKeepPattern, KeepPatternError } from "../../integrity/retention/keep-pattern";
import { isRepositoryName } from "../../oci/reference";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";
import { parseRegistryArgument } from "../registry-argument";
import { type ConnectionOptions, readConnection } from "../walk-options";

export interface RetainOptions {
  readonly url: URL;
  readonly connection: ConnectionOptions;
  /** null: the catalogue. */
  readonly repositories: readonly string[] | null;
  readonly keepLast: number | null;
  readonly keep: readonly string[];
  readonly minAge: Duration;
  /** The folder that holds docker/registry/v2; null: nobody tells when what was uploaded. */
  readonly storage: string | null;
  /** `-` for standard input, or a path; null: nobody says what runs. */
  readonly inUse: string | null;
  readonly apply: boolean;
  readonly format: "table" | "json";
}

/** @throws UsageError */
export function readRetainOptions(raw: RawArguments): RetainOptions {
  const [registry, ...more] = raw.positionals;
  if (registry === undefined) {
    throw new UsageError("retain needs a registry, as `tallyman retain registry.example.com:5050`");
  }
  if (more.length > 0) {
    throw new UsageError(`retain takes one registry, got also ${quoted(more[0] as string)}`);
  }
  const reader = new OptionReader(raw.values);
  const repositories = reader.list("repository");
  const unfit = repositories.find((name) => !isRepositoryName(name));
  if (unfit !== undefined) {
    throw new UsageError(`--repository must be a repository name as team/app, got ${quoted(unfit)}`);
  }
  const keepLast = reader.integer("keep-last", 1, 1_000_000);
  const keep = reader.list("keep");
  if (keepLast === null && keep.length === 0) {
    throw new UsageError(
      "retain needs a rule: --keep-last <n>, --keep <regex> or both. Without one nothing may go",
    );
  }
  for (const pattern of keep) readPattern(pattern);
  return {
    url: parseRegistryArgument(registry),
    connection: readConnection(reader),
    repositories: repositories.length === 0 ? null : [...new Set(repositories)],
    keepLast,
    keep,
    minAge: reader.duration("min-age", Duration.hours(24)),
    storage: readStorage(reader.text("storage")),
    inUse: reader.text("in-use"),
    apply: reader.flag("apply"),
    format: reader.choice("format", ["table", "json"] as const, "table"),
  };
}

function readStorage(root: string | null): string | null {
  if (root === null || existsSync(join(root, LAYOUT_ROOT))) return root;
  throw new UsageError(`--storage must be the folder that holds ${LAYOUT_ROOT}, got ${quoted(root)}`);
}

function readPattern(pattern: string): void {
  try {
    checkKeepPattern(pattern);
  } catch (error) {
    if (error instanceof KeepPatternError) throw new UsageError(error.message);
    throw error;
  }
}
