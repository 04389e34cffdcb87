import { posix } from "node:path";
import { firstBy, groupBy } from "../../core/group-by";
import { type Html, html } from "../../core/html";
import type { CatalogGroup } from "../catalog";
import type { CatalogAlert } from "../catalog-alert";
import {
  catalogServices,
  domainKey,
  type PlacedService,
  servedKeys,
  serviceRunbooks,
} from "../catalog-services";
import type { Runbook } from "../runbook";
import { runbookTarget } from "../runbook-target";
import type { SiteAlert, SiteDocument, SiteInput, SiteRunbook } from "./site-input";

export type ViewKind = "service" | "runbook" | "post-mortem" | "alert";

/**
 * The fragment of a view without its #, which is the id of its element too, so that links lead on without a script:
 * ASCII alone, with the slashes of a file kept.
 */
export function viewId(kind: ViewKind, name: string): string {
  return `/${kind}/${name.split("/").map(fragment).join("/")}`;
}

/** A name between two slashes of a fragment. */
export function fragment(name: string): string {
  // A lone surrogate is no character that a link could carry.
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** What belongs together on the page, and the links between. */
export class SiteIndex {
  readonly services: readonly PlacedService[];
  readonly runbooks: readonly SiteRunbook[];
  readonly externalRunbooks: readonly Runbook[];
  readonly alerts: readonly SiteAlert[];
  private readonly documents: ReadonlyMap<string, ViewKind>;
  private readonly groups: ReadonlyMap<CatalogGroup, readonly PlacedService[]>;
  private readonly names: ReadonlySet<string>;
  private readonly runbookByFile: ReadonlyMap<string, SiteRunbook>;
  private readonly externalByFile: ReadonlyMap<string, Runbook>;
  /** With what `serviceRunbooks` needs of them. */
  private readonly catalogAlerts: readonly CatalogAlert[];
  private readonly servicesByAlert: ReadonlyMap<string, readonly PlacedService[]>;
  private readonly servicesByRunbook: ReadonlyMap<string, readonly PlacedService[]>;
  private readonly servicesByDomain: ReadonlyMap<string, readonly PlacedService[]>;
  private readonly alertsByRunbook: ReadonlyMap<string | null, readonly SiteAlert[]>;
  private readonly alertsByService: ReadonlyMap<string, readonly SiteAlert[]>;
  private readonly replaced: ReadonlyMap<string, readonly PlacedService[]>;
  private readonly dependents: ReadonlyMap<string, readonly PlacedService[]>;

  constructor(input: SiteInput) {
    this.services = catalogServices(input.catalog);
    this.runbooks = input.runbooks;
    this.externalRunbooks = input.externalRunbooks;
    const known = new Set(input.alerts.map(({ name }) => name));
    const named = new Set(this.services.flatMap(({ service }) => service.alerts));
    const unknown = [...named].filter((name) => !known.has(name));
    this.alerts = [
      ...input.alerts,
      // What a service names and nobody knows has a view as well: a link of the page never leads nowhere.
      ...unknown.map((name) => ({ name, severity: null, summary: null, runbookFile: null, service: null })),
    ];
    this.documents = new Map([
      ...input.runbooks.map(({ file }) => [file, "runbook"] as const),
      ...input.postMortems.map(({ file }) => [file, "post-mortem"] as const),
    ]);
    const { services } = this;
    this.groups = groupBy(services, ({ group }) => [group]);
    this.names = new Set(services.map(({ service }) => service.name));
    this.runbookByFile = firstBy(this.runbooks, ({ file }) => file);
    this.externalByFile = firstBy(this.externalRunbooks, ({ file }) => file);
    this.catalogAlerts = this.alerts.map(({ runbookFile: runbook, ...alert }) => ({ ...alert, runbook }));
    this.servicesByAlert = groupBy(services, ({ service }) => new Set(service.alerts));
    this.servicesByRunbook = groupBy(
      services,
      (one) => new Set(this.runbooksOf(one).map((target) => runbookTarget(target)?.file ?? "")),
    );
    this.servicesByDomain = groupBy(services, ({ service }) => servedKeys(service, null));
    this.alertsByRunbook = groupBy(this.alerts, ({ runbookFile }) => [runbookFile]);
    this.alertsByService = groupBy(this.alerts, (alert) => this.servicesOfAlert(alert));
    this.replaced = groupBy(services, ({ service }) =>
      service.replacedBy === null ? [] : [service.replacedBy],
    );
    this.dependents = groupBy(services, ({ service }) => new Set(service.dependsOn));
  }

  servicesOf(group: CatalogGroup): readonly PlacedService[] {
    return this.groups.get(group) ?? [];
  }

  runbook(file: string): SiteRunbook | undefined {
    return this.runbookByFile.get(file);
  }

  /** Names of the services that a service replaces. */
  replacedBy(name: string): readonly string[] {
    return (this.replaced.get(name) ?? []).map(({ service }) => service.name);
  }

  /** Names of the services that depend on a service. */
  dependentsOf(name: string): readonly string[] {
    return (this.dependents.get(name) ?? []).map(({ service }) => service.name);
  }

  /** A link where there is such a service, else its name. */
  serviceLink(name: string): Html {
    return this.names.has(name) ? html`<a href="#${viewId("service", name)}">${name}</a>` : html`${name}`;
  }

  alertLink(name: string): Html {
    return html`<a href="#${viewId("alert", name)}">${name}</a>`;
  }

  /** A link with the runbook's title where the page holds it, else the file's path. @param target with or without an anchor */
  runbookLink(target: string): Html {
    const { file } = runbookTarget(target) ?? { file: target };
    const runbook = this.runbook(file);
    const href = this.documentHref(target, "");
    if (href !== null) return html`<a href="${href}">${runbook?.title ?? target}</a>`;
    const where = this.externalByFile.has(file) ? "in another repository" : "not on this page";
    return html`<code>${target}</code> <span class="quiet">(${where})</span>`;
  }

  /** In one sentence; null where nobody says it, or there is no such runbook. */
  whenToUse(file: string): string | null {
    const said = (this.runbook(file) ?? this.externalByFile.get(file))?.whenToUse;
    return said === undefined || said === "" ? null : said;
  }

  /** What a link of the repository leads to on this page; null for elsewhere. @param folder of the file that it stands in */
  documentHref(link: string, folder: string): string | null {
    const beside = link.startsWith("#") || link.startsWith("/") || folder === "" ? link : `${folder}/${link}`;
    const target = runbookTarget(posix.normalize(beside)) ?? runbookTarget(link);
    const found = [target, runbookTarget(link)].find((one) => one !== null && this.documents.has(one.file));
    const kind = this.documents.get(found?.file ?? "");
    if (found === undefined || found === null || kind === undefined) return null;
    const anchor = found.anchor === null ? "" : `/${fragment(found.anchor)}`;
    return `#${viewId(kind, found.file)}${anchor}`;
  }

  /** Where a link of a text may lead: to a view, to the web, by mail, or nowhere. */
  mapHref(href: string, document?: SiteDocument): string | null {
    if (/^(?:https?:\/\/|mailto:)/i.test(href)) return href;
    if (document !== undefined && href.startsWith("#")) {
      const kind = this.documents.get(document.file) ?? "runbook";
      return `#${viewId(kind, document.file)}/${href.slice(1)}`;
    }
    return this.documentHref(href, document === undefined ? "" : posix.dirname(document.file));
  }

  /** Files and targets, those of its alerts first. */
  runbooksOf({ service }: PlacedService): readonly string[] {
    return serviceRunbooks(service, this.catalogAlerts);
  }

  /** Names, each once. */
  servicesOfRunbook(file: string): readonly string[] {
    return (this.servicesByRunbook.get(file) ?? []).map(({ service }) => service.name);
  }

  alertsOfRunbook(file: string): readonly SiteAlert[] {
    return this.alertsByRunbook.get(file) ?? [];
  }

  servicesOfAlert({ name, service }: SiteAlert): readonly string[] {
    const naming = this.servicesByAlert.get(name) ?? [];
    return [...new Set([...naming.map((one) => one.service.name), ...(service === null ? [] : [service])])];
  }

  alertsOfService(name: string): readonly SiteAlert[] {
    return this.alertsByService.get(name) ?? [];
  }

  serviceOfDomain(domain: string): string | null {
    return this.servicesByDomain.get(domainKey(domain))?.[0]?.service.name ?? null;
  }
}
