import { dedent, parseYamlTrees } from "../../text/yaml-tree";
import { parseCronLine } from "../documents/cron-line";
import { hclStrings } from "../documents/hcl-strings";
import { parseNginx } from "../documents/nginx-syntax";
import {
  commandsThroughout,
  isShownHeredoc,
  parseShell,
  type ShellCommand,
  withoutComment,
  writtenFile,
} from "../documents/shell-commands";
import { type DocumentKind, documentKind, kindOfContent } from "./document-kind";
import { FileBudget } from "./file-budget";
import type { AuditFile, Embedded, Material, Origin } from "./material";
import { embeddedInHcl, scriptsOfHcl } from "./unfold-hcl";
import { embeddedInYaml, scriptsOfYaml } from "./unfold-yaml";

/** A compose file in a cloud-init in a heredoc in a script: deeper is no honest file. */
const MAX_NESTING = 5;

/** Reads all files and the documents inside them. Never throws: what cannot be parsed is listed. */
export function unfold(files: readonly AuditFile[]): Material {
  const material: Material = {
    paths: new Set(files.map(({ path }) => path)),
    scripts: [],
    yaml: [],
    nginx: [],
    hcl: [],
    unparsed: [],
  };
  for (const { path, text } of files) {
    const kind = documentKind(path, text);
    if (kind === null) continue;
    const origin = { file: path, lineOffset: 0, name: path, isCronJob: false };
    const budget = new FileBudget();
    read({ material, budget }, origin, kind, text, 0);
    if (budget.excess !== null) material.unparsed.push({ file: path, ...budget.excess });
  }
  return material;
}

/** Where what one file holds goes to. */
interface Sink {
  readonly material: Material;
  readonly budget: FileBudget;
}

function read(sink: Sink, origin: Origin, kind: DocumentKind, text: string, depth: number): void {
  if (depth > MAX_NESTING || !sink.budget.takeDocument(origin.lineOffset + 1)) return;
  const inside = (part: Embedded): void => embed(sink, origin, part, depth);
  if (kind === "shell") readShell(sink, origin, text, inside);
  else if (kind === "cron") addScript(sink, origin, true, cronCommands(text));
  else if (kind === "nginx") {
    const { statements, error } = parseNginx(withoutTemplates(text));
    sink.material.nginx.push({ origin, statements });
    if (error !== null && !isTemplate(text)) addUnparsed(sink, origin, error);
  } else if (kind === "yaml") {
    const { trees, error } = parseYamlTrees(withoutTemplates(text));
    // A template is whole only once it is filled in; of others those matter that speak of registries.
    if (error !== null && !isTemplate(text) && /registry/i.test(`${origin.name}\n${text}`)) {
      addUnparsed(sink, origin, error);
    }
    if (error !== null) addScript(sink, origin, false, commandsOfBrokenYaml(text));
    for (const tree of trees) {
      if (!sink.budget.takeDocument(origin.lineOffset + tree.line)) break;
      const found = { ...origin, isCronJob: origin.isCronJob || isCronJob(tree) };
      sink.material.yaml.push({ origin: found, tree });
      for (const script of scriptsOfYaml(tree)) addScript(sink, found, script.isCron, script.commands);
      for (const part of embeddedInYaml(tree)) embed(sink, found, part, depth);
    }
  } else {
    const strings = hclStrings(text);
    sink.material.hcl.push({ origin, strings });
    for (const script of scriptsOfHcl(strings)) {
      addScript(sink, { ...origin, isCronJob: script.isCronJob }, script.isCron, script.commands);
    }
    for (const part of embeddedInHcl(strings)) inside(part);
  }
}

function readShell(sink: Sink, origin: Origin, text: string, inside: (part: Embedded) => void): void {
  const { commands, heredocs } = parseShell(text);
  addScript(sink, origin, false, commands);
  for (const heredoc of heredocs) {
    const { command, text: content, line } = heredoc;
    if (isShownHeredoc(heredoc)) continue;
    const target = /\bcrontab\b/.test(command) ? "crontab" : writtenFile(command);
    inside({ name: target, text: content, line, isScript: target === null, isCronJob: false });
  }
}

function embed(sink: Sink, origin: Origin, part: Embedded, depth: number): void {
  const text = dedent(part.text);
  const kind =
    (part.name === null ? kindOfContent(text) : documentKind(part.name, text)) ?? kindOfContent(text);
  const known = kind ?? (part.isScript ? "shell" : null);
  if (known === null) return;
  const found: Origin = {
    file: origin.file,
    lineOffset: origin.lineOffset + part.line - 1,
    name: part.name ?? origin.name,
    isCronJob: origin.isCronJob || part.isCronJob,
  };
  read(sink, found, known, text, depth + 1);
}

function addScript(sink: Sink, origin: Origin, isCron: boolean, commands: readonly ShellCommand[]): void {
  const moved = sink.budget.takeCommands(
    commands.map(({ text, line }) => ({ text, line: line + origin.lineOffset })),
  );
  if (moved.length === 0) return;
  sink.material.scripts.push({ origin, isCron, commands: moved });
}

function addUnparsed(sink: Sink, origin: Origin, error: { line: number; text: string }): void {
  sink.material.unparsed.push({ file: origin.file, line: error.line + origin.lineOffset, text: error.text });
}

function cronCommands(text: string): readonly ShellCommand[] {
  return text.split("\n").flatMap((raw, index) => {
    const cron = /^\s*#/.test(raw) ? null : parseCronLine(raw);
    return cron === null ? [] : [{ text: withoutComment(cron.command), line: index + 1 }];
  });
}

/** Line by line, where no tree tells commands from prose: only what may damage, and no key that holds prose. */
function commandsOfBrokenYaml(text: string): readonly ShellCommand[] {
  if (!/garbage-collect|_manifests/.test(text)) return [];
  return commandsThroughout(text).filter(
    (command) => !/^(?:-\s+)?(?:name|title|description|summary|message)\s*:/.test(command.text),
  );
}

function isCronJob(tree: Parameters<typeof scriptsOfYaml>[0]): boolean {
  if (tree.kind !== "map") return false;
  return tree.entries.some(
    ({ key, value }) => key === "kind" && value.kind === "scalar" && value.text === "CronJob",
  );
}

function isTemplate(text: string): boolean {
  return /\{\{|\{%|%\{|<%|\$\{/.test(text);
}

/** Lines of a template's own control flow become empty, so that all others keep their number. */
function withoutTemplates(text: string): string {
  if (!isTemplate(text)) return text;
  return text
    .replace(/^[ \t]*(?:\{\{[^\n]*\}\}|\{%[^\n]*%\}|%\{[^\n]*\}|<%[^\n]*%>)[ \t]*$/gm, "")
    .replace(/\{\{[^{}\n]*\}\}/g, "template");
}
