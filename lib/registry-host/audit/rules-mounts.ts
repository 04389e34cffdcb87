import { type YamlNode, yamlGet, yamlText } from "../../text/yaml-tree";
import type { ComposeMount } from "../documents/compose-document";
import type { HclString } from "../documents/hcl-strings";
import { type AuditFinding, auditFinding } from "./audit-finding";
import { baseName, type ComposeFacts, placeIn, type RepositoryFacts } from "./repository-facts";

/** Settings; certificates, passwords and data are laid by hand. */
const SETTINGS = /\.(conf|ya?ml|json|toml|ini|cfg)$/;

/**
 * Files that a registry host mounts and no step lays there, though steps lay others into the same folder. Silent
 * wherever a folder is copied whole, a checkout runs in place, or anything else names the file.
 */
export function mountFindings(facts: RepositoryFacts): readonly AuditFinding[] {
  const hosts = facts.composes.filter(({ isRegistryHost }) => isRegistryHost);
  if (hosts.length === 0) return [];
  const words = deliveredWords(facts);
  return hosts.flatMap((host) =>
    host.services.flatMap(({ name, mounts }) =>
      mounts
        .filter((mount) => SETTINGS.test(mount.source) && isMissing(facts, host, mount, words))
        .map(({ source, line }) =>
          auditFinding("mount-not-delivered", placeIn(host.origin, line), `${name} mounts ${source}`),
        ),
    ),
  );
}

interface Word {
  readonly text: string;
  /** Of something that lays files: naming a file elsewhere proves no step. */
  readonly isDelivery: boolean;
  /** Of a command that copies whole folders. */
  readonly isFolderCopy: boolean;
}

function isMissing(
  { material }: RepositoryFacts,
  { origin }: ComposeFacts,
  { source }: ComposeMount,
  words: readonly Word[],
): boolean {
  const base = baseName(source);
  const folder = source.slice(0, source.lastIndexOf("/"));
  const own = origin.file.includes("/") ? origin.file.slice(0, origin.file.lastIndexOf("/") + 1) : "";
  const isAbsolute = source.startsWith("/");
  if (!isAbsolute && !source.startsWith("./")) return false;
  const relative = `${own}${source.slice(2)}`;
  const isInRepository = [...material.paths].some((path) =>
    isAbsolute
      ? path === `${own}${base}`
      : path === relative || path.startsWith(`${relative}.`) || path.startsWith(`${relative}/`),
  );
  const isNamed = words.some(({ text }) => names(text, source, base));
  const copies = words.filter(({ isFolderCopy }) => isFolderCopy);
  const isCopiedWhole = isAbsolute
    ? copies.some(({ text }) => covers(text.replace(/^[^/]*:/, ""), folder))
    : copies.some(({ text }) => holds(text, relative, base, material.paths));
  if (isInRepository || isNamed || isCopiedWhole) return false;
  if (isAbsolute) return words.some(({ text, isDelivery }) => isDelivery && inFolder(text, folder));
  // A file that is not checked in, such as a secret, is no fault; one that is there by another name is.
  const stem = base.replace(/\..*$/, "");
  return [...material.paths].some((path) => {
    const sibling = path.startsWith(own) ? path.slice(own.length) : "/";
    return !sibling.includes("/") && sibling.endsWith(base.slice(stem.length)) && sibling.startsWith(stem);
  });
}

/** The same file, or one of the name at a place that is not spelled out; what a template fills in fits anything. */
function names(word: string, source: string, base: string): boolean {
  const path = word.replace(/^[\w.@-]*:/, "");
  if (path.length > 1_000) return false;
  if (path.startsWith("/")) return fits(path, source);
  const last = path.slice(path.lastIndexOf("/") + 1);
  // A variable alone would be any file.
  return last.replace(TEMPLATE, "").length >= 4 && fits(last, base);
}

const TEMPLATE = /[$%]\{[^}]*\}|\$\w+|\*+/g;

function fits(template: string, path: string): boolean {
  const parts = template.split(TEMPLATE);
  if (parts.length === 1) return template === path;
  if (parts.length > 6) return false;
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^/]*")}$`).test(path);
}

function covers(word: string, folder: string): boolean {
  const path = word.replace(/\/$/, "");
  return path !== "" && (path === folder || folder.startsWith(`${path}/`));
}

/** Of a folder that is copied: the mounted path lies below it, or a checked-in file of that name does. */
function holds(word: string, relative: string, base: string, paths: ReadonlySet<string>): boolean {
  const folder = word.replace(LOCAL_PREFIX, "").replace(/[*/]*$/, "");
  if (folder === "" || folder === ".") return /^\$|^\.\/?\*?$/.test(word);
  if (folder.startsWith("/") || folder.startsWith("-")) return false;
  const isBelow = (path: string): boolean => path.startsWith(`${folder}/`) || path.includes(`/${folder}/`);
  return isBelow(relative) || [...paths].some((path) => isBelow(path) && baseName(path) === base);
}

/** What stands for the folder of the repository or of the file. */
const LOCAL_PREFIX = /^(?:\.\/|\$\{path\.(?:module|root|cwd)\}\/|\$\{?\w+\}?\/)+/;

function inFolder(word: string, folder: string): boolean {
  const path = word.replace(/^[\w.@-]*:/, "");
  return folder !== "" && path.startsWith(`${folder}/`) && SETTINGS.test(path);
}

/** A longer line is data, and might copy anything. */
const MAX_COMMAND = 5_000;
/** Also of all files in a folder: `cp conf/* /opt/registry/`. */
const FOLDER_COPY =
  /\brsync\b|\b(?:cp|scp)\s+(?:\S+\s+)*(?:-\w*[raR]|--recursive|--archive|\S*\/\*(?=\s|$))|\bgit\s+(clone|pull|-C)|\btar\b|\bunzip\b/;

/** Words of commands, of Terraform's strings, and the names under which documents are written. */
function deliveredWords({ material }: RepositoryFacts): readonly Word[] {
  const commands = material.scripts.flatMap(({ commands: all }) =>
    all.flatMap(({ text }) => {
      const isDelivery = /\b(cp|scp|install|rsync|mv|tee)\b|>/.test(text);
      const isFolderCopy = text.length > MAX_COMMAND || FOLDER_COPY.test(text);
      return text.split(/[\s"'`;|&<>=()]+/).map((word): Word => ({ text: word, isDelivery, isFolderCopy }));
    }),
  );
  const strings = material.hcl.flatMap(({ strings: all }) => stringsAsWords(all, material.paths));
  const written = [...material.yaml, ...material.nginx, ...material.scripts]
    .map(({ origin }) => origin)
    .filter(({ name, file }) => name !== file)
    .map(({ name }): Word => ({ text: name, isDelivery: true, isFolderCopy: false }));
  const targets = material.yaml.flatMap(({ tree }) => pathsIn(tree));
  return [...commands, ...strings, ...written, ...targets];
}

/** Those of a `file` provisioner whose source is a folder copy it whole. */
function stringsAsWords(all: readonly HclString[], paths: ReadonlySet<string>): readonly Word[] {
  const plain = all.filter(({ isHeredoc, attribute }) => !isHeredoc && attribute !== null);
  const folderBlocks = new Set(
    plain
      .filter(({ attribute, text }) => attribute === "source" && isFolder(text, paths))
      .map(({ block }) => block),
  );
  return plain.map(({ text, attribute, block }): Word => {
    const isTarget = attribute === "destination";
    const isPart = isTarget || attribute === "source";
    return {
      text,
      isDelivery: isTarget || attribute === "path",
      isFolderCopy: (isTarget && text.endsWith("/")) || (isPart && folderBlocks.has(block)),
    };
  });
}

function isFolder(source: string, paths: ReadonlySet<string>): boolean {
  if (source.endsWith("/")) return true;
  const below = `${source.replace(LOCAL_PREFIX, "")}/`;
  return [...paths].some((path) => path.startsWith(below) || path.includes(`/${below}`));
}

/** Where cloud-init or a copy step writes a file whose content stands elsewhere. */
function pathsIn(node: YamlNode): readonly Word[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.flatMap(pathsIn);
  const isFolderCopied = yamlText(yamlGet(node, "src"))?.endsWith("/") === true;
  return node.entries.flatMap(({ key, value }) =>
    value.kind === "scalar" && /^(path|dest|destination|target)$/.test(key)
      ? [{ text: value.text, isDelivery: true, isFolderCopy: isFolderCopied || value.text.endsWith("/") }]
      : pathsIn(value),
  );
}
