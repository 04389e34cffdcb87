import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { CatalogAlert } from "../lib/catalog/catalog-alert";
import { readDocuments } from "../lib/catalog/catalog-document";
import { type DefinedCatalog, defineCatalog } from "../lib/catalog/define-catalog";
import { ServiceCatalog } from "../lib/catalog/service-catalog";
import { alertRef } from "../lib/core/references";
import type { RuleGroup } from "../lib/monitoring/alert-model";
import { ALERT_NAMES } from "../lib/monitoring/alerts/alert-names";
import type { catalogEstate } from "./estate/catalog/service-catalog";

export type CatalogEstate = typeof catalogEstate;

export interface CatalogStackOptions {
  /** The rules of the stacks that page; severities and summaries come from there. */
  readonly ruleGroups: readonly RuleGroup[];
  /** That of the rules' `runbook_url`. */
  readonly runbookBaseUrl: string;
  /**
   * With the runbooks and the post-mortems.
   * @default the repository that this file is in, compiled or not, from whatever directory it is run
   */
  readonly repositoryRoot?: string;
}

/** The estate's catalogue, joined with the alerts that the library raises, and its site. */
export class CatalogStack extends TerraformStack {
  readonly catalog: DefinedCatalog;
  readonly serviceCatalog: ServiceCatalog;

  constructor(scope: Construct, id: string, estate: CatalogEstate, options: CatalogStackOptions) {
    super(scope, id);
    // Empty: the provider itself reads KUBE_CONFIG_PATH and KUBE_CTX.
    new KubernetesProvider(this, "kubernetes", {});
    const { repositoryRoot = ownRepository(), ruleGroups, runbookBaseUrl } = options;
    this.catalog = estateCatalog(estate);
    this.serviceCatalog = new ServiceCatalog(this, "catalog", {
      catalog: this.catalog,
      namespace: estate.namespace,
      site: { pod: { ignoreChanges: estate.setByPolicy } },
      alerts: catalogAlerts(ruleGroups, runbookBaseUrl),
      externalRunbooks: estate.externalRunbooks,
      runbooks: readDocuments(repositoryRoot, estate.runbookFolder),
      postMortems: readDocuments(repositoryRoot, estate.postMortemFolder),
    });
  }
}

/** The nearest folder above this file that has a package.json: stacks and dist/stacks are at different depths. */
function ownRepository(): string {
  let folder = dirname(__dirname);
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Every alert of the library is about the registry. */
export function estateCatalog(estate: CatalogEstate): DefinedCatalog {
  return defineCatalog(estate.definition(ALERT_NAMES.map((name) => alertRef(name))));
}

/** The library's alerts with the words of their rules, where there are any: of several rules with one name the first. */
export function catalogAlerts(groups: readonly RuleGroup[], runbookBaseUrl: string): readonly CatalogAlert[] {
  const rules = groups.flatMap((group) => group.rules);
  const base = `${runbookBaseUrl.replace(/\/+$/, "")}/`;
  return ALERT_NAMES.map((name) => {
    const rule = rules.find(({ alert }) => alert === name);
    if (rule === undefined) {
      return { name, runbook: alertRef(name).runbook.path, severity: null, summary: null };
    }
    const url = rule.annotations.runbook_url ?? "";
    return {
      name,
      runbook: url.startsWith(base) ? url.slice(base.length) : null,
      severity: rule.labels.severity ?? null,
      summary: rule.annotations.summary ?? null,
    };
  });
}
