import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";
import { didYouMean } from "../did-you-mean";
import type { CommandSpec } from "../option-table";

const DEFAULT_JSON = "cdktf.out/artifacts/catalog/catalog.json";

export const CATALOG_COMMAND: CommandSpec = {
  name: "catalog",
  argument: "import <markdown> | render [<json>] | check [<json>]",
  summary: `Turn a service catalogue into data and back, or check it (default: ${DEFAULT_JSON}).`,
  options: [
    {
      name: "format",
      value: "name",
      help: "import: ts or json; check: table, json or github, which are annotations of a workflow",
      default: "ts, table",
    },
    {
      name: "runbooks",
      value: "dir",
      help: "check: the repository with docs/runbooks, to hold the links against",
      default: "../runbooks of <json>, as a synthesis writes it; else . where it has docs/runbooks",
    },
    {
      name: "context",
      value: "file",
      help: "check: what the estate knows of alerts, stacks and rules",
      default: "context.json beside <json>, where there is one",
    },
  ],
};

export interface ImportOptions {
  readonly verb: "import";
  /** Path of the Markdown. */
  readonly file: string;
  readonly format: "ts" | "json";
}

export interface RenderOptions {
  readonly verb: "render";
  /** Path of the JSON. */
  readonly file: string;
}

export interface CheckOptions {
  readonly verb: "check";
  /** Path of the JSON. */
  readonly file: string;
  readonly format: "table" | "json" | "github";
  /** Root of the repository whose docs/runbooks are read; null for those beside the catalogue, or of the working directory. */
  readonly runbooks: string | null;
  /** Null for the file beside the catalogue, where there is one. */
  readonly context: string | null;
}

const VERBS = ["import", "render", "check"] as const;

/** @throws UsageError */
export function readCatalogOptions(raw: RawArguments): ImportOptions | RenderOptions | CheckOptions {
  const [verb, file, ...more] = raw.positionals;
  if (verb !== "import" && verb !== "render" && verb !== "check") {
    const got = verb === undefined ? "" : `, got ${quoted(verb)}${didYouMean(verb, VERBS)}`;
    throw new UsageError(
      `catalog needs import, render or check, as \`tallyman catalog import service-catalog.md\`${got}`,
    );
  }
  const [extra] = more;
  if (extra !== undefined) throw new UsageError(`catalog ${verb} takes one file, got also ${quoted(extra)}`);
  const allowed: Readonly<Record<typeof verb, readonly string[]>> = {
    import: ["format"],
    render: [],
    check: ["format", "runbooks", "context"],
  };
  for (const name of Object.keys(raw.values)) {
    if (!allowed[verb].includes(name)) throw new UsageError(`--${name} does not belong to catalog ${verb}`);
  }
  const reader = new OptionReader(raw.values);
  if (verb === "import") {
    if (file === undefined) {
      throw new UsageError("catalog import needs a file, as `tallyman catalog import service-catalog.md`");
    }
    return { verb, file, format: reader.choice("format", ["ts", "json"], "ts") };
  }
  if (verb === "render") return { verb, file: file ?? DEFAULT_JSON };
  return {
    verb,
    file: file ?? DEFAULT_JSON,
    format: reader.choice("format", ["table", "json", "github"], "table"),
    runbooks: reader.text("runbooks"),
    context: reader.text("context"),
  };
}
