import type { HclString } from "../documents/hcl-strings";
import { parseShell, type ShellCommand } from "../documents/shell-commands";
import type { Embedded } from "./material";
import { wordsAsCommands } from "./words-as-commands";

interface HclScript {
  readonly isCron: boolean;
  readonly isCronJob: boolean;
  readonly commands: readonly ShellCommand[];
}

const WORDS = new Set(["command", "args", "entrypoint"]);
const LINES = new Set(["inline", "commands", "runcmd"]);

/** Commands of provisioners and containers; heredocs among them are embedded documents. */
export function scriptsOfHcl(strings: readonly HclString[]): readonly HclScript[] {
  const jobs = cronJobsOf(strings);
  const groups = new Map<string, HclString[]>();
  for (const each of strings) {
    const { attribute, block } = each;
    if (attribute === null || each.isHeredoc) continue;
    const name = WORDS.has(attribute) ? "words" : LINES.has(attribute) ? attribute : null;
    if (name === null) continue;
    const key = `${block} ${name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].map((group) => {
    const isWords = WORDS.has(group[0]?.attribute ?? "");
    const plain = group.map(({ text, line }) => ({ text, line, isBlock: false }));
    const commands = isWords
      ? wordsAsCommands(plain)
      : plain.flatMap(({ text, line }) =>
          parseShell(text).commands.map((each) => ({ text: each.text, line })),
        );
    return { isCron: false, isCronJob: group.some((each) => jobs(each)), commands };
  });
}

/** Heredocs, named by the `path` or `destination` beside them. */
export function embeddedInHcl(strings: readonly HclString[]): readonly Embedded[] {
  const jobs = cronJobsOf(strings);
  const names = new Map<number, string>();
  for (const { block, attribute, text } of strings) {
    if (!names.has(block) && /^(path|destination|filename)$/.test(attribute ?? "")) names.set(block, text);
  }
  return strings
    .filter(({ isHeredoc }) => isHeredoc)
    .map((heredoc) => {
      const { attribute, block, text, line } = heredoc;
      const isFileName = attribute !== null && /\.(sh|py|ya?ml|conf|cron)$/.test(attribute);
      const isScript = attribute !== null && (WORDS.has(attribute) || LINES.has(attribute));
      const name = attribute === "content" ? (names.get(block) ?? null) : isFileName ? attribute : null;
      return { name, text, line, isScript, isCronJob: jobs(heredoc) };
    });
}

function cronJobsOf(strings: readonly HclString[]): (of: HclString) => boolean {
  const manifests = new Set(
    strings
      .filter(({ attribute, text }) => attribute === "kind" && text === "CronJob")
      .map(({ blocks }) => blocks[0]),
  );
  return ({ blocks }) => /^resource\s+"kubernetes_cron_job/.test(blocks[0] ?? "") || manifests.has(blocks[0]);
}
