import { ConfigurationError } from "../../core/problem";
import { renderYaml, type YamlValue } from "../../text/yaml";
import { checkWoodpecker } from "./check-woodpecker";
import { CiText, escapeCiText, formatSubstitution } from "./ci-text";
import type { WoodpeckerWorkflow } from "./woodpecker-workflow";
import { type WorkflowTree, workflowTree } from "./workflow-tree";

/**
 * The file `.woodpecker/<name>.yml`. Woodpecker substitutes in its whole text, comments too, before it is YAML: every
 * `$` that is not a CiText's is doubled.
 *
 * @param comment lines to stand above it, without `#`; default none
 * @throws ConfigurationError with everything that is wrong
 */
export function renderWoodpecker(workflow: WoodpeckerWorkflow, comment?: string): string {
  ConfigurationError.throwIfAny(checkWoodpecker(workflow));
  const tree = workflowTree(workflow);
  const places = new Places(`${JSON.stringify(tree)}${comment ?? ""}`);
  const lowered = lower(tree, places);
  return places.fill(renderYaml(lowered, comment === undefined ? undefined : escapeCiText(comment)));
}

/**
 * What holds a place until the text is YAML. One for a substitution has ` #` in it, which makes YAML quote what it is in:
 * the first eight digits of a commit would else be a number now and then, and 1234e567 infinity. It does not begin with
 * the blank, which YAML escapes at the beginning of a line.
 */
class Places {
  private readonly found: string[] = [];
  private readonly name: string;

  /** @param allText that no place may be mistaken for */
  constructor(allText: string) {
    let name = "substitution";
    while (allText.includes(name)) name += "-";
    this.name = name;
  }

  add(substitution: string): string {
    return `_ #${this.name}:${this.found.push(substitution) - 1}#`;
  }

  /** A text in double quotes, and so in one line, whatever else YAML could make of it: a control character does that. */
  quoted(text: string): string {
    return `\x01${this.name}:${text}`;
  }

  fill(yaml: string): string {
    return yaml
      .replaceAll(`\\x01${this.name}:`, "")
      .replaceAll("\\\\", "\\x5C")
      .replace(
        new RegExp(`_ #${this.name}:([0-9]+)#`, "g"),
        (place, index: string) => this.found[Number(index)] ?? place,
      );
  }
}

/**
 * Texts that only double quotes hold. The substitution takes a backslash away before another and before a slash,
 * which nothing says, so none of these pairs may be in the file: there `\x5C` is one.
 */
const NEEDS_QUOTES = /\\[\\/]/;

function lower(tree: WorkflowTree, places: Places): YamlValue {
  if (typeof tree === "string" || tree instanceof CiText) return lowerText(tree, places);
  if (typeof tree !== "object" || tree === null) return tree;
  if (isList(tree)) return tree.map((item) => lower(item, places));
  return Object.fromEntries(
    Object.entries(tree).map(([key, item]) => [lowerText(key, places), lower(item, places)]),
  );
}

function lowerText(text: string | CiText, places: Places): string {
  const parts = typeof text === "string" ? [text] : text.parts;
  const lowered = parts
    .map((part) => (typeof part === "string" ? escapeCiText(part) : places.add(formatSubstitution(part))))
    .join("");
  return NEEDS_QUOTES.test(lowered) ? places.quoted(lowered) : lowered;
}

function isList(tree: object): tree is readonly WorkflowTree[] {
  return Array.isArray(tree);
}
