import { ConfigurationError } from "../core/problem";
import type { CatalogAlert } from "./catalog-alert";
import type { RuleGrade } from "./checks/check-catalog";
import { type JsonObject, JsonReader } from "./json-reader";

export const CATALOG_CONTEXT_SCHEMA = "tallyman.catalog-context/1";

/**
 * What an estate knows around its catalogue, for checks by the command: it reads data, never code. Rules that the
 * estate adds are code, and run at synthesis alone.
 */
export interface CatalogContextFile {
  /** Null where the estate does not say. */
  readonly alerts: readonly CatalogAlert[] | null;
  readonly stacks: readonly string[] | null;
  readonly tiers: readonly string[];
  readonly externalRunbooks: readonly string[];
  readonly rules: Readonly<Record<string, RuleGrade>>;
  /** As `example.com`; left out or null where subdomains and whole names are not compared. */
  readonly baseDomain?: string | null;
}

const KEYS = ["schema", "alerts", "stacks", "tiers", "externalRunbooks", "rules"];
const OPTIONAL_KEYS = ["baseDomain"];
const GRADES: readonly RuleGrade[] = ["error", "warning", "off"];

/** The file `tallyman.catalog-context/1`. */
export function formatCatalogContext(context: CatalogContextFile): string {
  const { alerts, stacks, tiers, externalRunbooks, rules, baseDomain = null } = context;
  const file = {
    schema: CATALOG_CONTEXT_SCHEMA,
    alerts:
      alerts?.map(({ name, runbook, severity, summary }) => ({ name, runbook, severity, summary })) ?? null,
    stacks,
    tiers,
    externalRunbooks,
    rules,
    ...(baseDomain === null ? {} : { baseDomain }),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @throws ConfigurationError with all that is wrong, each with its path */
export function parseCatalogContext(text: string): CatalogContextFile {
  const reader = JsonReader.of(text, "the catalogue's context");
  const root = reader.object(reader.root, "", KEYS, OPTIONAL_KEYS);
  if (root.value.schema !== CATALOG_CONTEXT_SCHEMA) {
    const fix = "Take the file that the synthesis of this version writes.";
    reader.wrong("schema", `be "${CATALOG_CONTEXT_SCHEMA}"`, root.value.schema, fix);
  }
  const context: CatalogContextFile = {
    alerts:
      root.value.alerts === null
        ? null
        : reader.list(root.value.alerts, "alerts", (value, path) => readAlert(reader, value, path)),
    stacks: root.value.stacks === null ? null : reader.texts(root, "stacks"),
    tiers: reader.texts(root, "tiers"),
    externalRunbooks: reader.texts(root, "externalRunbooks"),
    rules: readRules(reader, root),
    ...(root.value.baseDomain == null ? {} : { baseDomain: reader.name(root, "baseDomain") }),
  };
  ConfigurationError.throwIfAny(reader.problems);
  return context;
}

function readAlert(reader: JsonReader, value: unknown, path: string): CatalogAlert {
  const one = reader.object(value, path, ["name", "runbook", "severity", "summary"]);
  return {
    name: reader.name(one, "name"),
    runbook: reader.textOrNull(one, "runbook"),
    severity: reader.textOrNull(one, "severity"),
    summary: reader.textOrNull(one, "summary"),
  };
}

function readRules(reader: JsonReader, root: JsonObject): Readonly<Record<string, RuleGrade>> {
  const given = root.value.rules;
  const names = typeof given === "object" && given !== null ? Object.keys(given) : [];
  const { value } = reader.object(given, "rules", names);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, grade]) => {
      const known = GRADES.find((one) => one === grade);
      if (known !== undefined) return [[name, known]];
      reader.wrong(`rules.${name}`, "be a grade", grade, `Write ${GRADES.join(", ")}.`);
      return [];
    }),
  );
}
