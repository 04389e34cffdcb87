import type { YamlNode } from "../../text/yaml-tree";
import type { ComposeMount } from "../documents/compose-document";
import { type AuditFinding, auditFinding } from "./audit-finding";
import { baseName, type ComposeFacts, placeIn, type RepositoryFacts } from "./repository-facts";

/** Settings; certificates, passwords and data are laid by hand. */
const SETTINGS = /\.(conf|ya?ml|json|toml|ini|cfg)$/;

/**
 * Files that a registry host mounts and no step lays there, though steps lay others into the same folder. Silent
 * wherever a folder is copied whole, a checkout runs in place, or anything else names the file.
 */
export function mountFindings(facts: RepositoryFacts): readonly AuditFinding[] {
  const words = deliveredWords(facts);
  return facts.composes
    .filter(({ isRegistryHost }) => isRegistryHost)
    .flatMap((host) =>
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
  const isCopiedWhole = words.some(
    ({ text, isFolderCopy }) => isFolderCopy && isAbsolute && covers(text.replace(/^[^/]*:/, ""), folder),
  );
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

function inFolder(word: string, folder: string): boolean {
  const path = word.replace(/^[\w.@-]*:/, "");
  return folder !== "" && path.startsWith(`${folder}/`) && SETTINGS.test(path);
}

/** Words of commands, of Terraform's strings, and the names under which documents are written. */
function deliveredWords({ material }: RepositoryFacts): readonly Word[] {
  const commands = material.scripts.flatMap(({ commands: all }) =>
    all.flatMap(({ text }) => {
      const isDelivery = /\b(cp|scp|install|rsync|mv|tee)\b|>/.test(text);
      const isFolderCopy =
        /\brsync\b|\b(?:cp|scp)\s+(?:\S+\s+)*-\w*[raR]|\bgit\s+(clone|pull|-C)|\btar\b|\bunzip\b/.test(text);
      return text.split(/[\s"'`;|&<>=()]+/).map((word): Word => ({ text: word, isDelivery, isFolderCopy }));
    }),
  );
  const strings = material.hcl.flatMap(({ strings: all }) =>
    all
      .filter(({ isHeredoc, attribute }) => !isHeredoc && attribute !== null)
      .map(
        ({ text, attribute }): Word => ({
          text,
          isDelivery: attribute === "destination" || attribute === "path",
          isFolderCopy: attribute === "destination" && /\/$/.test(text),
        }),
      ),
  );
  const written = [...material.yaml, ...material.nginx, ...material.scripts]
    .map(({ origin }) => origin)
    .filter(({ name, file }) => name !== file)
    .map(({ name }): Word => ({ text: name, isDelivery: true, isFolderCopy: false }));
  const targets = material.yaml.flatMap(({ tree }) => pathsIn(tree));
  return [...commands, ...strings, ...written, ...targets];
}

/** Where cloud-init or a copy step writes a file whose content stands elsewhere. */
function pathsIn(node: YamlNode): readonly Word[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.flatMap(pathsIn);
  return node.entries.flatMap(({ key, value }) =>
    value.kind === "scalar" && /^(path|dest|destination|target)$/.test(key)
      ? [{ text: value.text, isDelivery: true, isFolderCopy: value.text.endsWith("/") }]
      : pathsIn(value),
  );
}
