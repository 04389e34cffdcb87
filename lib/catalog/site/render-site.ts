import { createHash } from "node:crypto";
import { Html, html, NOTHING } from "../../core/html";
import { headingAnchors } from "../../text/markdown/heading-anchors";
import { overview } from "./overview";
import { SCRIPT } from "./script";
import { SiteIndex } from "./site-index";
import type { SiteInput } from "./site-input";
import { STYLE } from "./style";
import { toolbar } from "./toolbar";
import { alertView, postMortemView, runbookView, serviceView } from "./views";

export type { SiteAlert, SiteDocument, SiteInput, SiteRunbook } from "./site-input";

/** Nothing is loaded and nothing else runs: not even what a mistake in the escaping would let through. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(STYLE)}'`,
  `script-src '${hashOf(SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/**
 * The catalogue with its runbooks, post-mortems and alerts as one HTML page, which works from `file://` and is read
 * whole without its script. Views are fragments, which never change quietly: `#/service/<name>`,
 * `#/runbook/<file>[/<anchor>]`, `#/post-mortem/<file>[/<anchor>]`, `#/alert/<name>`.
 */
export function renderSite(input: SiteInput): string {
  const index = new SiteIndex(input);
  const title = titleOf(input);
  const made =
    input.generatedAt === null ? NOTHING : html`<footer class="quiet">Made ${input.generatedAt}</footer>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><h1><a href="#/">${title}</a></h1><button type="button" id="theme" aria-pressed="false" hidden>Dark</button></header>
${toolbar(index)}
<main id="main" tabindex="-1">
${overview(index, input)}${index.services.map((one) => serviceView(index, one))}${input.runbooks.map((one) => runbookView(index, one))}${index.alerts.map((one) => alertView(index, one))}${input.postMortems.map((one) => postMortemView(index, one))}<article class="view" id="missing" hidden><p class="crumb"><a href="#/">All services</a></p><h2 tabindex="-1">Not in this catalogue</h2><p>Nothing here has the address <code id="address"></code>. It may have been renamed: search for it.</p></article>
</main>
${made}
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text;
}

function titleOf({ catalog }: SiteInput): string {
  const begin = catalog.sections.find(({ after }) => after === null)?.markdown ?? "";
  return headingAnchors(begin).find(({ depth }) => depth === 1)?.title ?? "Service catalogue";
}

/** https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
