import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from "../../text/yaml-tree";
import { yamlGet, yamlText } from "../../text/yaml-tree";
import type { ShellCommand } from "../documents/shell-commands";
import type { Embedded } from "./material";
import { wordsAsCommands } from "./words-as-commands";

/** One command, in words. */
const WORDS = ["entrypoint", "command", "args", "test"];
/** Commands one after another. */
const LINES = new Set([
  ...["run", "script", "before_script", "after_script", "commands", "cmds", "runcmd", "bootcmd", "inline"],
  ...["shell", "cmd", "raw", "ansible.builtin.shell", "ansible.builtin.command"],
]);

interface YamlScript {
  readonly isCron: boolean;
  readonly commands: readonly ShellCommand[];
}

/** Commands by the keys that run something: what a description says of a command is prose. */
export function scriptsOfYaml(node: YamlNode): readonly YamlScript[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.flatMap(scriptsOfYaml);
  return [...ownScripts(node), ...node.entries.flatMap(({ value }) => scriptsOfYaml(value))];
}

function ownScripts(map: YamlMap): readonly YamlScript[] {
  const words = WORDS.flatMap((key) => {
    const value = yamlGet(map, key);
    return value === null ? [] : scalarsOf(value);
  });
  const scripts: YamlScript[] = [];
  if (words.length > 0) scripts.push({ isCron: false, commands: wordsAsCommands(words) });
  for (const { key, value } of map.entries) {
    if (!LINES.has(key)) continue;
    const items = value.kind === "list" ? value.items : [value];
    scripts.push({ isCron: false, commands: items.flatMap((item) => wordsAsCommands(scalarsOf(item))) });
  }
  const job = yamlGet(map, "job");
  const isAnsibleCron =
    job?.kind === "scalar" && ["minute", "hour", "special_time"].some((key) => yamlGet(map, key));
  if (isAnsibleCron) scripts.push({ isCron: true, commands: [{ text: job.text, line: job.line }] });
  return scripts;
}

/** A list or a plain scalar; a map runs nothing itself. */
function scalarsOf(value: YamlNode): readonly YamlScalar[] {
  if (value.kind === "scalar") return [value];
  return value.kind === "list" ? value.items.filter((item) => item.kind === "scalar") : [];
}

/** Texts that are documents of their own: of cloud-init's write_files, of a ConfigMap, of a copy step. */
export function embeddedInYaml(node: YamlNode): readonly Embedded[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.flatMap(embeddedInYaml);
  const path = yamlText(yamlGet(node, "path")) ?? yamlText(yamlGet(node, "dest"));
  return node.entries.flatMap((entry) => [...embeddedEntry(path, entry), ...embeddedInYaml(entry.value)]);
}

function embeddedEntry(path: string | null, { key, value }: YamlEntry): readonly Embedded[] {
  if (value.kind !== "scalar" || !value.isBlock) return [];
  // Their commands are scripts already.
  const isScript = WORDS.includes(key) || LINES.has(key);
  if (isScript) return [];
  const name = key === "content" ? path : /\.|^crontab$/.test(key) ? key : null;
  return [{ name, text: value.text, line: value.line, isScript: false, isCronJob: false }];
}
