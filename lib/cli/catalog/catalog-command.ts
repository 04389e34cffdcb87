import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import { readCatalogOptions } from "./catalog-options";

export { CATALOG_COMMAND } from "./catalog-options";

/** 1 for a text that is no catalogue, or a catalogue with errors. @returns the exit code. @throws UsageError */
export async function catalog(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const options = readCatalogOptions(raw);
  // Here alone, as the parsers of Markdown and YAML cost more than all that the other commands load.
  const verbs: typeof import("./catalog-verbs") = require("./catalog-verbs");
  if (options.verb === "import") return verbs.importMarkdown(options, environment);
  return options.verb === "render"
    ? verbs.renderMarkdown(options, environment)
    : verbs.checkCatalogFile(options, environment);
}
