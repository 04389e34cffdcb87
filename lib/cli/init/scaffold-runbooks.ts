import { kebabCase } from "../../core/references";
import { ALERT_NAMES } from "../../monitoring/alerts/alert-names";

/** What the reference estate calls its registry and its host; a text names the longer one first. */
const REFERENCE = { registry: "registry.viktorbarzin.me:5050", host: "10.0.20.10" } as const;

/** Lines of facts about that host alone. */
const OF_THE_HOST = /^- .*(?:10\.0\.20\.|stacks\/estate\/).*\n/gm;

const NOTE = `> Its paths, ports, images and pipelines are those of the estate that it was written for. Put yours in their place before
> an alert leads somebody here.`;

/**
 * The runbooks that alerts link to, and those that they link to, under the registry's name.
 *
 * @param runbooks the library's, by file name
 */
export function adaptRunbooks(
  runbooks: ReadonlyMap<string, string>,
  registry: string,
): ReadonlyMap<string, string> {
  const alerts = ALERT_NAMES.map((alert) => `${kebabCase(alert)}.md`);
  const taken = new Map<string, string>();
  const take = (name: string): void => {
    const text = runbooks.get(name);
    if (text === undefined || taken.has(name)) return;
    const adapted = adapt(text, registry);
    // What an alert leads to further on is of a host and its images, which every estate has its own of.
    taken.set(name, alerts.includes(name) ? adapted : adapted.replace(/^# .*\n/, `$&\n${NOTE}\n`));
    for (const [, linked = ""] of text.matchAll(/\]\(([a-z0-9-]+\.md)(?:#[^)]*)?\)/g)) take(linked);
  };
  for (const name of alerts) take(name);
  return new Map([...taken].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function adapt(text: string, registry: string): string {
  const host = registry.replace(/:\d+$/, "");
  return text
    .replace(OF_THE_HOST, "")
    .replaceAll(REFERENCE.registry, registry)
    .replaceAll(REFERENCE.host, host)
    .replace(/\[([^\]]+)\]\(\.\.\/post-mortems\/[^)]*\)/g, "$1");
}
