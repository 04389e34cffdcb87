import { type Html, html } from "../../core/html";
import type { RegistryView } from "../../integrity/exporter/run-memory";
import type { RunFacts } from "../../integrity/exposition";
import { findingsTable, undeterminedTable } from "./tables";
import { moment } from "./time";

/** A certificate that ends sooner is worth a line at the top. */
const TLS_NOTICE_MS = 21 * 86_400_000;

interface Verdict {
  /** Class of the badge. */
  readonly look: "damage" | "warning" | "sound" | "unknown";
  readonly word: string;
  readonly sentence: string;
}

/** One registry: its verdict, the walk that gave it, and the tables. @param number its place on the page */
export function registrySection(view: RegistryView, number: number, nowMs: number): Html {
  const { facts } = view;
  const { look, word, sentence } = verdictOf(facts);
  const body = facts === null ? html`` : walkFacts(view, facts, nowMs);
  return html`<section class="card" aria-labelledby="registry-${number}">
<div class="head"><h2 id="registry-${number}">${view.instance}</h2><span class="badge ${look}">${word}</span></div>
<p class="verdict">${sentence}</p>
${body}<p class="quiet">${whatComes(view, nowMs)}</p>
</section>
`;
}

function verdictOf(facts: RunFacts | null): Verdict {
  if (facts === null) return { look: "unknown", word: "not known yet", sentence: "No walk has ended yet." };
  const { failures, report, catalogueAccessible } = facts.assessment;
  if (failures > 0) {
    const what = failures === 1 ? "1 broken object" : `${failures} broken objects`;
    return { look: "damage", word: "damaged", sentence: `${what}: pulls of the images below fail.` };
  }
  if (!catalogueAccessible) {
    const sentence = "The list of repositories could not be read: nothing is known of the rest.";
    return { look: "warning", word: "unknown", sentence };
  }
  if (!report.complete) {
    const percent = (Math.floor(report.coverage * 1_000) / 10).toFixed(1);
    const sentence = `No damage seen, but only ${percent} % of it could be determined.`;
    return { look: "warning", word: "incomplete", sentence };
  }
  if (report.checked.repositories === 0)
    return { look: "unknown", word: "empty", sentence: "The registry lists no repository." };
  return { look: "sound", word: "whole", sentence: "All that was walked can be pulled." };
}

function walkFacts(view: RegistryView, facts: RunFacts, nowMs: number): Html {
  const { report, acceptedFailures } = facts.assessment;
  const { checked } = report;
  const complete =
    view.lastSuccessAtMs === null ? html`none since the start` : moment(view.lastSuccessAtMs, nowMs);
  const accepted = acceptedFailures === 0 ? html`` : fact("Accepted damage", html`${acceptedFailures}`);
  return html`${notices(facts, nowMs)}<dl>
${fact("Last walk", html`${moment(facts.endedAtMs, nowMs)}, took ${(report.durationMs / 1_000).toFixed(1)} s`)}
${fact("Last complete walk", complete)}
${fact("Checked", html`${counted(checked.repositories, "repository", "repositories")}, ${counted(checked.tags, "tag")}, ${counted(checked.indexes, "index", "indexes")}, ${counted(checked.manifests, "manifest")}, ${counted(checked.blobs, "blob")}`)}
${fact("Determined", html`${(Math.floor(report.coverage * 1_000) / 10).toFixed(1)} %`)}
${accepted}</dl>
${findingsTable(view, report, nowMs)}${undeterminedTable(report)}`;
}

function fact(name: string, value: Html): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function notices({ authEnforced, tlsNotAfterMs }: RunFacts, nowMs: number): Html {
  const open =
    authEnforced === false
      ? html`<p class="notice">The registry is declared private, and answers requests without credentials.</p>`
      : html``;
  const ends =
    tlsNotAfterMs !== null && tlsNotAfterMs - nowMs < TLS_NOTICE_MS
      ? html`<p class="notice">Its certificate ends at ${moment(tlsNotAfterMs, nowMs)}.</p>`
      : html``;
  return html`${open}${ends}`;
}

function whatComes({ walkStartedAtMs, nextWalkAtMs, facts }: RegistryView, nowMs: number): Html {
  if (walkStartedAtMs !== null) {
    const began = moment(walkStartedAtMs, nowMs);
    if (facts === null) return html`The first walk began at ${began}.`;
    return html`A walk began at ${began}; what stands here is of the last one that ended.`;
  }
  return nextWalkAtMs === null ? html`` : html`Next walk: ${moment(nextWalkAtMs, nowMs)}.`;
}
