import { createHash } from "node:crypto";
import { Html, html } from "../../core/html";
import type { Page } from "../../integrity/exporter";
import type { RegistryView } from "../../integrity/exporter/run-memory";
import { registrySection } from "./registry-section";
import { SCRIPT } from "./script";
import { STYLE } from "./style";

/** Nothing is loaded and nothing else runs: not even what a mistake in the escaping would let through. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(STYLE)}'`,
  `script-src '${hashOf(SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * What the last walks proved, for people; read whole without its script.
 *
 * @param standing who walks, where replicas take turns
 */
export function renderReportPage(
  registries: readonly RegistryView[],
  nowMs: number,
  standing?: string,
): Page {
  const broken = registries.reduce((sum, { facts }) => sum + (facts?.assessment.failures ?? 0), 0);
  const title = broken === 0 ? "Registry integrity" : `${broken} broken · Registry integrity`;
  const sections = registries.map((view, i) => registrySection(view, i, nowMs));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header class="top"><h1>Registry integrity</h1><nav><a href="report">report (JSON)</a> · <a href="metrics">metrics</a></nav></header>
<div id="toolbar" hidden><label for="filter">Filter</label><input id="filter" type="search" autocomplete="off" spellcheck="false"><span id="shown" role="status"></span></div>
<main>
${
  standing === undefined
    ? html``
    : html`<p class="notice">${standing}</p>
`
}${sections}</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return { html: page.text, contentSecurityPolicy: CONTENT_SECURITY_POLICY };
}

/** https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
