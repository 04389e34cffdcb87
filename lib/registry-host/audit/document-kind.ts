import { isCrontab } from "../documents/cron-line";

/** `null` of a text that says nothing about a registry: prose, programs, data. */
export type DocumentKind = "yaml" | "nginx" | "cron" | "shell" | "hcl";

const TEMPLATE_SUFFIX = /\.(tpl|tftpl|tmpl|j2|jinja2?|template|erb)$/;

/**
 * By name, and where that does not say by content. Markdown is prose, and TypeScript, Go or Java are programs: what
 * they quote is seldom what they do.
 */
export function documentKind(name: string, text: string): DocumentKind | null {
  const path = name.toLowerCase().replace(TEMPLATE_SUFFIX, "");
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (/\.(tf|hcl)$/.test(base)) return "hcl";
  if (/\.(ya?ml)$/.test(base)) return "yaml";
  if (/\.(sh|bash|zsh|ksh|py|mk|service)$/.test(base)) return "shell";
  if (/^(gnu)?makefile$|^justfile$|^jenkinsfile/.test(base)) return "shell";
  if (/(^|\/)cron(tabs|\.d)\/|^crontab|\.cron(tab)?$/.test(path)) return "cron";
  if (/\.(conf|nginx|vhost)$/.test(base)) return looksLikeNginx(text) ? "nginx" : null;
  return /\.[a-z0-9]{1,5}$/.test(base) ? null : kindOfContent(text);
}

/** Of a text without a name that tells; never by a guess that prose could meet. */
export function kindOfContent(text: string): DocumentKind | null {
  if (/^#!.*\b(ba|z|k|da|)sh\b|^#!.*\bpython/.test(text)) return "shell";
  if (/^\s*#cloud-config\b/.test(text) || /^services:\s*$/m.test(text)) return "yaml";
  if (/^apiVersion:\s/m.test(text) && /^kind:\s/m.test(text)) return "yaml";
  if (/^version:\s*["']?0\.1["']?\s*$/m.test(text) && /^(storage|http|proxy):/m.test(text)) return "yaml";
  if (looksLikeNginx(text)) return "nginx";
  return isCrontab(text) ? "cron" : null;
}

function looksLikeNginx(text: string): boolean {
  // No \s* where a line begins: it would run through all blank lines, from each of them.
  return /^[ \t]*(server|http|events|upstream\s+[\w.-]+)\s*\{/m.test(text);
}
