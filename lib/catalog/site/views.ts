import { Html, html, joined, NOTHING } from "../../core/html";
import { blockHtml, inlineHtml } from "../../text/markdown/safe-html";
import type { PlacedService } from "../catalog-services";
import { serviceBadges, severityBadge, statusWord, tierBadge } from "./badges";
import { withoutFrontMatter } from "./front-matter";
import { fragment, type SiteIndex, type ViewKind, viewId } from "./site-index";
import type { SiteAlert, SiteDocument, SiteRunbook } from "./site-input";

/** What a service is, what it needs, who needs it, and what to do about it. */
export function serviceView(index: SiteIndex, placed: PlacedService): Html {
  const { service, group, tier } = placed;
  const { name, domains } = service;
  const link = (one: string) => index.serviceLink(one);
  const facts = [
    fact("Group", [html`${group.title}`]),
    fact("Stack", service.stack === null ? [] : [html`<code>${service.stack}</code>`]),
    fact("Status", [
      html`${statusWord(service.status)}${service.statusNote === null ? NOTHING : html`: ${service.statusNote}`}`,
    ]),
    fact("Replaced by", service.replacedBy === null ? [] : [link(service.replacedBy)]),
    fact("Replaces", index.replacedBy(name).map(link)),
    fact("Owner", service.owner === null ? [] : [html`${service.owner}`]),
    fact("Domains behind the CDN", domains.proxied.map(code)),
    fact("Domains by direct DNS", domains.direct.map(code)),
    fact("Images", service.images.map(code)),
    fact("Rebuilt by", service.pipeline === null ? [] : [code(service.pipeline)]),
    fact("Depends on", service.dependsOn.map(link)),
    fact("Needed by", index.dependentsOf(name).map(link)),
    fact(
      "Runbooks",
      index.runbooksOf(placed).map((file) => index.runbookLink(file)),
    ),
  ];
  const description = inlineHtml(service.description, { mapHref: (href) => index.mapHref(href) });
  return view(
    "service",
    name,
    name,
    html`<p class="badges">${tierBadge(tier)}${serviceBadges(placed)}</p>
<p class="lead">${new Html(description)}</p>
<dl>${facts}</dl>
${alertTable(index, index.alertsOfService(name))}`,
  );
}

/** An alert: what it says, which services it is about, and the parts of the runbook that help. */
export function alertView(index: SiteIndex, alert: SiteAlert): Html {
  const file = alert.runbookFile;
  const runbook = file === null ? undefined : index.runbook(file);
  const facts = [
    fact(
      "Services",
      index.servicesOfAlert(alert).map((name) => index.serviceLink(name)),
    ),
    fact("Runbook", file === null ? [html`none`] : [index.runbookLink(file)]),
    fact("When to use", whenToUse(index, file)),
  ];
  return view(
    "alert",
    alert.name,
    alert.name,
    html`<p class="badges">${severityBadge(alert.severity)}</p>
<p class="lead">${alert.summary ?? ""}</p>
<dl>${facts}</dl>
${runbook === undefined ? NOTHING : contents("What to do", runbook)}`,
  );
}

/** A runbook with what leads to it. */
export function runbookView(index: SiteIndex, runbook: SiteRunbook): Html {
  const { file } = runbook;
  const facts = [
    fact(
      "Alerts",
      index.alertsOfRunbook(file).map(({ name }) => index.alertLink(name)),
    ),
    fact(
      "Services",
      index.servicesOfRunbook(file).map((name) => index.serviceLink(name)),
    ),
    fact("File", [code(file)]),
  ];
  return view(
    "runbook",
    file,
    runbook.title,
    html`<dl>${facts}</dl>
${contents("On this page", runbook)}
${documentBody(index, runbook, "runbook")}`,
  );
}

export function postMortemView(index: SiteIndex, document: SiteDocument): Html {
  const body = documentBody(index, document, "post-mortem");
  return view(
    "post-mortem",
    document.file,
    document.title,
    html`<dl>${fact("File", [code(document.file)])}</dl>
${body}`,
  );
}

const KIND_WORDS = { service: "Service", runbook: "Runbook", "post-mortem": "Post-mortem", alert: "Alert" };

function view(kind: ViewKind, name: string, title: string, body: Html): Html {
  const id = viewId(kind, name);
  return html`<article class="view ${kind}" id="${id}" aria-labelledby="title:${id}">
<p class="crumb"><a href="#/">All services</a> <span aria-hidden="true">/</span> ${KIND_WORDS[kind]}</p>
<h2 id="title:${id}" tabindex="-1">${title}</h2>
${body}
</article>
`;
}

function documentBody(index: SiteIndex, document: SiteDocument, kind: ViewKind): Html {
  // Whole, as the title's heading counts among the anchors that follow it.
  const whole = blockHtml(withoutFrontMatter(document.markdown), {
    idPrefix: `${viewId(kind, document.file)}/`,
    headingOffset: 1,
    mapHref: (href) => index.mapHref(href, document),
  });
  // The view has the title already: the first `#`, which the offset makes an h2, wherever it stands.
  const body = whole.replace(/<h2\b[^>]*>[\s\S]*?<\/h2>\s*/, "");
  return html`<div class="body">${new Html(body)}</div>`;
}

function contents(label: string, { file, sections }: SiteRunbook): Html {
  if (sections.length === 0) return NOTHING;
  const links = sections.map(
    ({ title, anchor }) =>
      html`<li><a href="#${viewId("runbook", file)}/${fragment(anchor)}">${title}</a></li>`,
  );
  return html`<nav class="contents" aria-label="${label}"><h3>${label}</h3><ul>${links}</ul></nav>`;
}

function alertTable(index: SiteIndex, alerts: readonly SiteAlert[]): Html {
  if (alerts.length === 0) return NOTHING;
  const rows = alerts.map(
    ({ name, severity, summary, runbookFile }) => html`<li>
<p>${index.alertLink(name)} ${severityBadge(severity)}</p><p class="said">${summary ?? ""}</p>${
      runbookFile === null
        ? NOTHING
        : html`<p class="quiet">What to do: ${index.runbookLink(runbookFile)}</p>`
    }</li>`,
  );
  return html`<h3>Alerts</h3><ul class="alerts">${rows}</ul>`;
}

function whenToUse(index: SiteIndex, file: string | null): readonly Html[] {
  const said = file === null ? null : index.whenToUse(file);
  return said === null ? [] : [html`${said}`];
}

function code(text: string): Html {
  return html`<code>${text}</code>`;
}

function fact(name: string, values: readonly Html[]): Html {
  return values.length === 0 ? NOTHING : html`<div><dt>${name}</dt><dd>${joined(values, ", ")}</dd></div>`;
}
