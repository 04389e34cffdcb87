import type { ShellCommand } from "../documents/shell-commands";
import type { Script } from "./material";

const RESTART =
  /\b(?:docker|podman|docker-compose|nerdctl)\b[^;&|]*?\b(?:restart|start|up)\b([^;&|]*)|\b(?:systemctl|service)\b[^;&|]*?\b(?:restart|start|reload-or-restart|try-restart)\b([^;&|]*)|\brollout\s+restart\b([^;&|]*)|\bscale\b[^;&|]*--replicas[= ][1-9]|\b(?:restart|start)_\w+/;

/** Positions among a script's commands. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * Answers for one script whether the registry that its command at a position collects is started again: after it,
 * or in a function, which may be called later. In a crontab any other line may do it. One that runs with `--rm`
 * beside a registry counts no less: that registry keeps its cache.
 */
export function restartsOf(script: Script): (collection: ShellCommand, at: number) => boolean {
  const { isCron, commands } = script;
  const hasFunctions = commands.some(({ text }) => /\w+\s*\(\)\s*\{|^\s*function\s/.test(text));
  // By the container's name; a file may hold thousands of collections, so each asks by name and never by a search.
  const spans = new Map<string, Span>();
  commands.forEach(({ text }, at) => {
    const names = restartedBy(text);
    if (names === null) return;
    for (const name of [ANY_TARGET, ...names]) {
      spans.set(name, { first: spans.get(name)?.first ?? at, last: at });
    }
  });
  return (collection, at) => {
    const target = containerOf(collection.text);
    const [before = "", after = ""] = splitAt(collection.text);
    const own = hasFunctions ? [before, after] : [after];
    if (own.some((text) => fits(restartedBy(text), target))) return true;
    return keysOf(target).some((key) => {
      const span = spans.get(key);
      if (span === undefined) return false;
      return span.last > at || ((isCron || hasFunctions) && span.first < at);
    });
  };
}

/** Stands for every restart, whatever its target. */
const ANY_TARGET = "";
/** Stands for a restart that reaches all containers, or those of a variable. */
const ALL = "*";

/** What a restart must name to reach the target: its name, or what follows any of its dashes. */
function keysOf(target: string | null): readonly string[] {
  if (target === null) return [ANY_TARGET];
  const parts = target.split("-");
  return [ALL, ...parts.map((_, index) => parts.slice(index).join("-"))];
}

function fits(names: readonly string[] | null, target: string | null): boolean {
  return names !== null && keysOf(target).some((key) => key === ANY_TARGET || names.includes(key));
}

function splitAt(text: string): readonly string[] {
  const at = text.indexOf("garbage-collect");
  return [text.slice(0, at), text.slice(at)];
}

/** The container of `docker exec [options] <container> …`; null where nothing literal says. */
function containerOf(text: string): string | null {
  const match =
    /\bexec\s+(?:-\S+\s+)*([\w.-]+)\s+\S*(?:registry|distribution|bin)\S*\s+["']?garbage-collect/.exec(text);
  return match?.[1] ?? null;
}

/** The names that a command restarts, or `ALL`; null where it restarts nothing. */
function restartedBy(text: string): readonly string[] | null {
  // The pattern costs much, and is asked of each command.
  if (!/start|up|scale/.test(text)) return null;
  const match = RESTART.exec(text.replace(/["']\s*,\s*["']/g, " "));
  if (match === null) return null;
  const words = (match[1] ?? "")
    .split(/\s+/)
    .map((word) => word.replace(/["'`)]/g, ""))
    .filter((word) => word !== "" && !/^[->&|0-9]/.test(word));
  // Names without variables that leave the target out restart something else.
  return words.length === 0 || words.some((word) => /[$*{(]/.test(word)) ? [ALL] : words;
}
