import type { ShellCommand } from "../documents/shell-commands";
import type { Script } from "./material";

const RESTART =
  /\b(?:docker|podman|docker-compose|nerdctl)\b[^;&|]*?\b(?:restart|start|up)\b([^;&|]*)|\b(?:systemctl|service)\b[^;&|]*?\b(?:restart|start|reload-or-restart|try-restart)\b([^;&|]*)|\brollout\s+restart\b([^;&|]*)|\bscale\b[^;&|]*--replicas[= ][1-9]|\b(?:restart|start)_\w+/;

/** Commands before and after: a script of more is none that anybody reads. */
const MAX_LOOKED_AT = 300;

/**
 * Whether the registry that a garbage collection works on is started again by the same script: after it, or in a
 * function, which may be called later. In a crontab any other line may do it. One that runs with `--rm` beside a
 * registry counts no less: that registry keeps its cache.
 */
export function restartsRegistry(script: Script, collection: ShellCommand): boolean {
  const { isCron } = script;
  const from = Math.max(0, script.commands.indexOf(collection) - MAX_LOOKED_AT);
  const commands = script.commands.slice(from, from + 2 * MAX_LOOKED_AT);
  const at = commands.indexOf(collection);
  const hasFunctions = commands.some(({ text }) => /\w+\s*\(\)\s*\{|^\s*function\s/.test(text));
  const [before = "", after = ""] = splitAt(collection.text);
  const rest =
    isCron || hasFunctions ? commands.filter((each) => each !== collection) : commands.slice(at + 1);
  const own = hasFunctions ? [before, after] : [after];
  const target = containerOf(collection.text);
  return [...own, ...rest.map(({ text }) => text)].some((text) => restarts(text, target));
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

function restarts(text: string, target: string | null): boolean {
  // The pattern costs much, and is asked of each command for each collection.
  if (!/start|up|scale/.test(text)) return false;
  const match = RESTART.exec(text.replace(/["']\s*,\s*["']/g, " "));
  if (match === null) return false;
  const words = (match[1] ?? "")
    .split(/\s+/)
    .map((word) => word.replace(/["'`)]/g, ""))
    .filter((word) => word !== "" && !/^[->&|0-9]/.test(word));
  if (match[1] === undefined || target === null || words.length === 0) return true;
  // Names without variables that leave the target out restart something else.
  return words.some((word) => word === target || /[$*{(]/.test(word) || target.endsWith(`-${word}`));
}
