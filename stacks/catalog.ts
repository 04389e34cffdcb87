import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { CatalogAlert } from "../lib/catalog/catalog-alert";
import { readDocuments } from "../lib/catalog/catalog-document";
import { type DefinedCatalog, defineCatalog } from "../lib/catalog/define-catalog";
import { externalRunbook } from "../lib/catalog/runbooks-of";
import { ServiceCatalog } from "../lib/catalog/service-catalog";
import { alertRef, runbookRef } from "../lib/core/references";
import type { RuleGroup } from "../lib/monitoring/alert-model";
import { ALERT_NAMES } from "../lib/monitoring/alerts/alert-names";
import type { catalogEstate } from "./estate/catalog/service-catalog";
import { ownRepository } from "./own-repository";

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
    const alerts = catalogAlerts(ruleGroups, runbookBaseUrl);
    this.catalog = estateCatalog(estate, alerts);
    this.serviceCatalog = new ServiceCatalog(this, "catalog", {
      catalog: this.catalog,
      namespace: estate.namespace,
      baseDomain: estate.baseDomain,
      site: { pod: { ignoreChanges: estate.setByPolicy } },
      alerts,
      // Rules come and go by the options of another stack, and a name that is left over stops nobody.
      rules: { "unknown-alert": "warning" },
      externalRunbooks: estate.externalRunbooks.map(({ file, whenToUse }) =>
        externalRunbook(file, whenToUse),
      ),
      runbooks: readDocuments(repositoryRoot, estate.runbookFolder),
      postMortems: readDocuments(repositoryRoot, estate.postMortemFolder),
    });
  }
}

/** Every alert of the library is about the registry. */
export function estateCatalog(estate: CatalogEstate, alerts: readonly CatalogAlert[]): DefinedCatalog {
  const own = alerts.filter(({ name }) => ALERT_NAMES.some((one) => one === name));
  return defineCatalog(
    estate.definition(
      own.map(({ name, runbook }) => alertRef(name, runbook === null ? undefined : runbookRef(runbook))),
    ),
  );
}

/** What the rules really raise, in their order: of several rules with one name the first. */
export function catalogAlerts(groups: readonly RuleGroup[], runbookBaseUrl: string): readonly CatalogAlert[] {
  const rules = groups.flatMap((group) => group.rules);
  const base = `${runbookBaseUrl.replace(/\/+$/, "")}/`;
  const first = new Map([...rules].reverse().map((rule) => [rule.alert, rule]));
  return [...new Set(rules.map(({ alert }) => alert))].flatMap((name) => {
    const rule = first.get(name);
    if (rule === undefined) return [];
    const url = rule.annotations.runbook_url ?? "";
    return {
      name,
      runbook: url.startsWith(base) ? url.slice(base.length) : null,
      severity: rule.labels.severity ?? null,
      summary: rule.annotations.summary ?? null,
    };
  });
}
