import { Duration } from "../../core/duration";
import { isRepositoryName } from "../../oci/reference";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";
import { parseRegistryArgument } from "../registry-argument";
import { type ConnectionOptions, type ProofOptions, readConnection, readProof } from "../walk-options";

export { REPAIR_COMMAND } from "./repair-spec";

export interface RepairOptions {
  readonly url: URL;
  readonly connection: ConnectionOptions;
  readonly proof: ProofOptions;
  /** null: the catalogue. */
  readonly repositories: readonly string[] | null;
  readonly disks: readonly string[];
  readonly layouts: readonly string[];
  readonly registries: readonly SourceRegistry[];
  readonly catalogFile: string | null;
  readonly apply: boolean;
  readonly allowRetag: boolean;
  readonly format: "table" | "json";
}

export interface SourceRegistry {
  readonly url: URL;
  /** Repositories stand below it; empty for none. */
  readonly prefix: string;
}

/** @throws UsageError */
export function readRepairOptions(raw: RawArguments, nowMs: number): RepairOptions {
  const [registry, ...more] = raw.positionals;
  if (registry === undefined) {
    throw new UsageError("repair needs a registry, as `tallyman repair registry.example.com:5050`");
  }
  if (more.length > 0)
    throw new UsageError(`repair takes one registry, got also ${quoted(more[0] as string)}`);
  const reader = new OptionReader(raw.values);
  const repositories = reader.list("repository");
  const unfit = repositories.find((name) => !isRepositoryName(name));
  if (unfit !== undefined) {
    throw new UsageError(`--repository must be a repository name as team/app, got ${quoted(unfit)}`);
  }
  const apply = reader.flag("apply");
  if (reader.flag("allow-retag") && !apply) {
    throw new UsageError("--allow-retag needs --apply: a plan alone changes nothing");
  }
  return {
    url: parseRegistryArgument(registry),
    connection: readConnection(reader),
    proof: readProof(reader, nowMs, Duration.minutes(15)),
    repositories: repositories.length === 0 ? null : [...new Set(repositories)],
    disks: reader.list("from-disk"),
    layouts: reader.list("from-layout"),
    registries: reader.list("from").map(parseSourceRegistry),
    catalogFile: reader.text("catalog"),
    apply,
    allowRetag: reader.flag("allow-retag"),
    format: reader.choice("format", ["table", "json"] as const, "table"),
  };
}

function parseSourceRegistry(text: string): SourceRegistry {
  const [, scheme = "", host = "", path = ""] = /^(https?:\/\/)?([^/]*)(.*)$/s.exec(text) ?? [];
  const prefix = path.replace(/^\/|\/$/g, "");
  if (prefix !== "" && !isRepositoryName(prefix)) {
    throw new UsageError(
      `--from must be a registry as mirror:5000, or mirror:5000/prefix, got ${quoted(text)}`,
    );
  }
  return { url: parseRegistryArgument(scheme + host), prefix };
}
