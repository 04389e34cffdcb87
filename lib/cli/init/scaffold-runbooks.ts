import { kebabCase } from "../../core/references";
import { ALERT_NAMES } from "../../monitoring/alerts/alert-names";

/** What the reference estate calls its registry and its host; a text names the longer one first. */
const REFERENCE = { registry: "registry.viktorbarzin.me:5050", host: "10.0.20.10" } as const;

/**
 * The runbooks that alerts link to, and those that they link to, under the registry's name.
 *
 * @param runbooks the library's, by file name
 */
export function adaptRunbooks(
  runbooks: ReadonlyMap<string, string>,
  registry: string,
): ReadonlyMap<string, string> {
  const taken = new Map<string, string>();
  const take = (name: string): void => {
    const text = runbooks.get(name);
    if (text === undefined || taken.has(name)) return;
    taken.set(name, adapt(text, registry));
    for (const [, linked = ""] of text.matchAll(/\]\(([a-z0-9-]+\.md)(?:#[^)]*)?\)/g)) take(linked);
  };
  for (const alert of ALERT_NAMES) take(`${kebabCase(alert)}.md`);
  return new Map([...taken].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function adapt(text: string, registry: string): string {
  const host = registry.replace(/:\d+$/, "");
  return text
    .replaceAll(REFERENCE.registry, registry)
    .replaceAll(REFERENCE.host, host)
    .replace(/\[([^\]]+)\]\(\.\.\/post-mortems\/[^)]*\)/g, "$1");
}
