import { type ImageName, registryMajorOf } from "../documents/image-name";
import type { ShellCommand } from "../documents/shell-commands";
import { type AuditFinding, auditFinding } from "./audit-finding";
import type { Script } from "./material";
import type { RepositoryFacts } from "./repository-facts";
import { restartsOf } from "./restarts-registry";

/** Longer lines are data; the patterns' cost grows with the square of a line. */
const MAX_COMMAND = 5_000;

/** What scripts, crontabs and containers' commands do to a registry. */
export function commandFindings(facts: RepositoryFacts): readonly AuditFinding[] {
  const majorOf = majorsByName(facts);
  return facts.material.scripts.flatMap((script) => {
    const whole = scriptFacts(script);
    return script.commands.flatMap((command, at) =>
      command.text.length > MAX_COMMAND
        ? []
        : [
            ...garbageCollection(script, command, majorOf, () => whole.restarts()(command, at)),
            ...removedDirectories(script, command, whole),
            ...probes(script, command),
            ...untaggedCleaners(script, command, whole),
            ...packageInstalls(script, command),
          ],
    );
  });
}

/** What rules ask of a script as a whole: looked for once, when the first of its commands makes a rule ask. */
interface ScriptFacts {
  readonly restarts: () => ReturnType<typeof restartsOf>;
  readonly listsTags: () => boolean;
  readonly selectsUntagged: () => boolean;
}

function scriptFacts(script: Script): ScriptFacts {
  const has = (pattern: RegExp) => (): boolean => script.commands.some(({ text }) => pattern.test(text));
  return {
    restarts: once(() => restartsOf(script)),
    listsTags: once(has(/_manifests(?:\/|["', ]+)tags\b/)),
    selectsUntagged: once(has(/tags\s*\|\s*length\s*==\s*0|tags\s*==\s*\[\]|untagged/i)),
  };
}

function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | null = null;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}

/** Words of a list in a program (`"registry", "garbage-collect"`) as a shell would show them. */
function asWords(text: string): string {
  return text.replace(/["']\s*,\s*["']/g, " ");
}

/** Quoted by a command that only shows it, and not on its way into a crontab or a file. */
function isShown(text: string, index: number): boolean {
  if (/\bcrontab\b|>\s*["']?\/etc\/cron|\btee\b/.test(text)) return false;
  const before = text.slice(0, index);
  const segment = before.slice(
    Math.max(before.lastIndexOf(";"), before.lastIndexOf("&&"), before.lastIndexOf("||")) + 1,
  );
  return /^[\s;&|({]*(?:then\s+|else\s+|do\s+)?(echo|printf|print|log|warn|die|info|error|fail|say|grep|rg|assert)\b/.test(
    segment,
  );
}

function found(pattern: RegExp, text: string): RegExpExecArray | null {
  const match = pattern.exec(text);
  return match === null || isShown(text, match.index) ? null : match;
}

function garbageCollection(
  script: Script,
  command: ShellCommand,
  majorOf: (text: string) => 2 | 3 | null,
  isRestarted: () => boolean,
): readonly AuditFinding[] {
  const text = asWords(command.text);
  const match = found(/\bgarbage-collect\b([^|;&]*)/, text);
  if (match === null || !/registry|distribution|docker|podman|kubectl|\$/.test(text)) return [];
  const words = (match[1] as string).replace(/["'`)\]]/g, " ");
  if (/(^|\s)(--dry-run|-d|--help|-h)(?![\w-])/.test(words)) return [];
  const place = { file: script.origin.file, line: command.line };
  const deletes = /(^|\s)(-[a-z]*m[a-z]*|--delete-untagged(=true)?)(?![\w=-])/.test(words);
  const major = majorOf(text);
  return [
    ...(deletes
      ? [
          auditFinding(
            "gc-deletes-untagged",
            place,
            quote(match[0]) + (major === 3 ? " (3.x spares them)" : ""),
            major === 3 ? "information" : "damage",
          ),
        ]
      : []),
    ...(isRestarted() ? [] : [auditFinding("gc-without-restart", place, quote(match[0]))]),
  ];
}

/** Of the container that the command names, or else of all registries here. */
function majorsByName({ composes, registryMajor }: RepositoryFacts): (text: string) => 2 | 3 | null {
  const images = new Map<string, ImageName>();
  for (const { names, image } of composes.flatMap(({ services }) => services)) {
    for (const name of image === null ? [] : names) {
      if (image !== null && !images.has(name)) images.set(name, image);
    }
  }
  return (text) => {
    const named = text.split(/[\s"']+/).find((word) => images.has(word));
    const image = named === undefined ? undefined : images.get(named);
    return image === undefined ? registryMajor : registryMajorOf(image);
  };
}

function removedDirectories(
  script: Script,
  command: ShellCommand,
  whole: ScriptFacts,
): readonly AuditFinding[] {
  const { text } = command;
  const isRemoval =
    /\brm\s+-|\brm\s+["$/]|\brmtree\s*\(|\bfind\b.*(-delete\b|\brm\b)|\bxargs\b.*\brm\b|\brmdir\b|\bunlink\b/;
  const target = /_manifests(?:\/|["', ]+)(tags|revisions)\b/.exec(text);
  if (target === null || found(isRemoval, text) === null) {
    return indirectRemoval(script, command, whole, isRemoval);
  }
  const severity = target[1] === "tags" ? "warning" : "damage";
  const place = { file: script.origin.file, line: command.line };
  return [auditFinding("tag-directories-removed", place, quote(text), severity)];
}

/** `rm -rf "$tag_dir"` or `shutil.rmtree(path)` in a script that lists `_manifests/tags`, by the variable's name. */
function indirectRemoval(
  script: Script,
  command: ShellCommand,
  whole: ScriptFacts,
  isRemoval: RegExp,
): readonly AuditFinding[] {
  if (found(isRemoval, command.text) === null) return [];
  const variables = [...command.text.matchAll(/\$\{?(\w+)|rmtree\s*\(\s*(?:str\()?(\w+)/g)].map(
    ([, shell, python]) => shell ?? python,
  );
  const isTag = variables.some(
    (name) => name !== undefined && /tag|entry|^d(ir)?$|path|old|stale|victim/i.test(name),
  );
  if (!isTag || !whole.listsTags()) return [];
  const place = { file: script.origin.file, line: command.line };
  return [auditFinding("tag-directories-removed", place, quote(command.text), "warning")];
}

/** Of the distribution API: other services have a /v2/ too. */
const REGISTRY_URL =
  /\/v2\/(?:_catalog|[^\s"'|;]*\/(?:manifests|blobs|tags\/list))|(?:registr|:50[0-9]0)[^\s|;]*\/v2\/?(?=["'\s)]|$)/i;
const LOOPBACK = /https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])/;

function probes(script: Script, { text, line }: ShellCommand): readonly AuditFinding[] {
  const place = { file: script.origin.file, line };
  const url = REGISTRY_URL.exec(text);
  if (url === null || isShown(text, url.index)) return [];
  const isHead =
    /\bcurl\b.*\s(?:-[a-zA-Z]*I[a-zA-Z]*|--head)(?=\s|$)|\bcurl\b.*(?:-X|--request)[\s=]*["']?HEAD\b|\b(?:requests|session|client|httpx)\.head\s*\(|\bwget\b.*--spider/.test(
      text,
    );
  const isObject = /\/v2\/[^\s|;]*\/?(manifests|blobs)\//.test(text);
  // A HEAD that reads the digest asks which manifest it is, not whether it is whole.
  const isDigestQuestion = /docker-content-digest/i.test(text);
  const isBlind =
    /\bcurl\b.*\s(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)(?=\s|$)|\bwget\b.*--no-check-certificate|\bverify\s*=\s*False\b/.test(
      text,
    );
  return [
    ...(isHead && isObject && !isDigestQuestion ? [auditFinding("probe-by-head", place, quote(text))] : []),
    ...(isBlind && !LOOPBACK.test(text) ? [auditFinding("tls-not-verified", place, quote(text))] : []),
  ];
}

/** Scripts that call a forge's package API. */
function untaggedCleaners(
  script: Script,
  { text, line }: ShellCommand,
  whole: ScriptFacts,
): readonly AuditFinding[] {
  const isDelete = /(?:-X|--method|--request)[\s=]*["']?DELETE\b|requests\.delete\s*\(/.test(text);
  if (!isDelete || !/\/packages\/[^\s]*container/.test(text)) return [];
  const place = { file: script.origin.file, line };
  return whole.selectsUntagged() ? [auditFinding("cleaner-of-untagged", place, quote(text))] : [];
}

const INSTALL =
  /\b(?:apk\s+(?:-\S+\s+)*add|apt(?:-get)?\s+(?:-\S+\s+)*install|(?:yum|dnf|microdnf)\s+(?:-\S+\s+)*install|pip3?\s+install|npm\s+(?:install|i)\s+(?:-g|--global))\b/;

/** Only where the same thing runs again and again: a pipeline's step or a provisioner may install. */
function packageInstalls(script: Script, { text, line }: ShellCommand): readonly AuditFinding[] {
  if (!script.isCron && !script.origin.isCronJob) return [];
  const match = found(INSTALL, asWords(text));
  return match === null
    ? []
    : [auditFinding("package-install-at-run-time", { file: script.origin.file, line }, quote(match[0]))];
}

function quote(text: string): string {
  return `\`${text.trim().replace(/\s+/g, " ").slice(0, 140)}\``;
}
