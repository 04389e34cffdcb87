import { type Html, html } from "../../core/html";
import type { RegistryView } from "../../integrity/exporter/run-memory";
import type { Finding, Report, Undetermined } from "../../integrity/report";
import { moment } from "./time";

/** More would make a browser, and the small heap of the program, slow; `/report` has all. */
const MAX_FINDINGS = 500;
const MAX_UNDETERMINED = 200;
const MAX_TAGS = 8;
const NOTHING = html``;

const RANK = { damage: 0, warning: 1, information: 2 } as const;

/** What is broken, since when, which images, which repair; nothing where there is no finding. */
export function findingsTable(view: RegistryView, report: Report, nowMs: number): Html {
  const { findings } = report;
  if (findings.length === 0) return NOTHING;
  const rows = findings.slice(0, MAX_FINDINGS).map((finding) => findingRow(view, report, finding, nowMs));
  return html`<h3>Findings</h3>
<table class="findings">
<thead><tr><th class="what" scope="col">What</th><th class="where" scope="col">Images</th><th class="since" scope="col">Since</th><th scope="col">Repair</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
${moreThan(findings.length, MAX_FINDINGS)}`;
}

function findingRow(view: RegistryView, report: Report, finding: Finding, nowMs: number): Html {
  const { kind, severity, digest, detail, repair } = finding;
  const since = view.since(finding);
  const digestLine = digest === null ? NOTHING : html`<p class="digest"><code>${digest}</code></p>`;
  const age = since === null ? NOTHING : sinceCell(since.atMs, since.isFromStart, nowMs);
  return html`<tr>
<td data-label="What" data-key="${RANK[severity]} ${kind}"><span class="badge ${severity}">${severity}</span> <code>${kind}</code><p class="detail">${detail}</p>${digestLine}</td>
<td data-label="Images">${imagesCell(report.registry, finding)}</td>
<td data-label="Since" data-key="${since?.atMs ?? 0}">${age}</td>
<td data-label="Repair">${repair}</td>
</tr>
`;
}

function sinceCell(atMs: number, isFromStart: boolean, nowMs: number): Html {
  return isFromStart ? html`at least since ${moment(atMs, nowMs)}` : moment(atMs, nowMs);
}

function imagesCell(registry: string, { repository, tags, digest, platform }: Finding): Html {
  const name = `${registry}/${repository}`;
  const images = tags.slice(0, MAX_TAGS).map((tag) => html`<li><code>${name}:${tag}</code></li>`);
  const untagged = digest === null ? name : `${name}@${digest}`;
  const list = images.length > 0 ? images : html`<li><code>${untagged}</code></li>`;
  const more = tags.length > MAX_TAGS ? html`<li>and ${tags.length - MAX_TAGS} more tags</li>` : NOTHING;
  const line = platform === null ? NOTHING : html`<p class="detail">${platform}</p>`;
  return html`<ul>${list}${more}</ul>${line}`;
}

/** What nothing could be proven of; nothing where all was determined. */
export function undeterminedTable({ undetermined }: Report): Html {
  if (undetermined.length === 0) return NOTHING;
  return html`<h3>Could not be determined</h3>
<table>
<thead><tr><th class="since" scope="col">Reason</th><th class="where" scope="col">Where</th><th scope="col">Detail</th></tr></thead>
<tbody>
${undetermined.slice(0, MAX_UNDETERMINED).map(undeterminedRow)}</tbody>
</table>
${moreThan(undetermined.length, MAX_UNDETERMINED)}`;
}

function undeterminedRow({ reason, repository, reference, detail }: Undetermined): Html {
  const names = [repository, reference].filter((part) => part !== null).map((part) => part || '""');
  const where = names.length === 0 ? html`the registry` : html`<code>${names.join(" ")}</code>`;
  return html`<tr>
<td data-label="Reason"><code>${reason}</code></td>
<td data-label="Where">${where}</td>
<td data-label="Detail">${detail}</td>
</tr>
`;
}

function moreThan(count: number, shown: number): Html {
  if (count <= shown) return NOTHING;
  return html`<p class="quiet">and ${count - shown} more: <a href="report">the report</a> lists them.</p>`;
}
