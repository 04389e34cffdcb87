import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { AnnotationMetadataEntryType, Token } from "cdktf";
import { Construct } from "constructs";
import { ImagePin } from "../core/image-pin";
import { ConfigurationError } from "../core/problem";
import { checkShapes, isRecord, objectWith } from "../core/shape";
import { NGINX_IMAGE } from "../core/versions";
import { Artifact } from "../terraform/artifacts";
import { CATALOG_SCHEMA, type Catalog } from "./catalog";
import { type CatalogAlert, catalogAlert } from "./catalog-alert";
import { type CatalogDocument, documentAnchors } from "./catalog-document";
import { CATALOG_JSON, CATALOG_MARKDOWN, catalogFiles, SITE_PAGE } from "./catalog-files";
import { baseName, checkDataSize, checkServiceCatalog } from "./check-service-catalog";
import { type CatalogProblem, catalogContext } from "./checks/catalog-rule";
import { type CatalogRuleOptions, checkCatalog, formatCatalogProblem } from "./checks/check-catalog";
import type { DefinedCatalog } from "./define-catalog";
import type { Runbook } from "./runbook";
import { externalRunbook } from "./runbooks-of";
import { renderSiteNginxConfig, SITE_SERVER_PATHS } from "./server/nginx-config";
import { type CatalogObjects, NGINX_CONFIG_FILE, renderHashedMetadata } from "./server/render-site-server";
import { createSiteServer, type SiteOptions, type SiteResources } from "./server/site-server";
import { StackFiles } from "./server/stack-files";

export interface ServiceCatalogProps extends CatalogRuleOptions {
  readonly catalog: Catalog | DefinedCatalog;
  /**
   * May be a token.
   * @default none: nothing of it stands in a cluster, the artifacts alone are written
   */
  readonly namespace?: string;
  /**
   * Kubernetes name of all its objects.
   * @default service-catalog
   */
  readonly name?: string;
  /**
   * Whether a ConfigMap carries catalog.json and service-catalog.md, and the page where there is a site.
   * @default true where there is a namespace
   */
  readonly configMap?: boolean;
  /** @default false: the page is an artifact alone */
  readonly site?: SiteOptions | false;
  /**
   * All alerts that there are, whether a service names them or not.
   * @default those that the catalogue's services were given as references, if any
   */
  readonly alerts?: readonly CatalogAlert[];
  /** @default not known: any stack will do */
  readonly stacks?: readonly string[];
  /** @default TIERS */
  readonly tiers?: readonly string[];
  /**
   * With it `blog` and `blog.example.com` are one domain.
   * @default not known
   */
  readonly baseDomain?: string;
  /**
   * Of other repositories, as `externalRunbook` makes them, or their files alone: their absence is no error.
   * @default none
   */
  readonly externalRunbooks?: readonly (Runbook | string)[];
  /**
   * All that there are, from this repository.
   * @default not known: links are not checked
   */
  readonly runbooks?: readonly CatalogDocument[];
  /** @default none */
  readonly postMortems?: readonly CatalogDocument[];
  /**
   * On every object and on the pods.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * On every object and on the pods.
   * @default none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

const CATALOG = objectWith(
  "be a catalogue",
  "Give what defineCatalog made, or a catalogue that was parsed or imported.",
  ({ schema, groups, domains, surfaces, sections }) =>
    schema === CATALOG_SCHEMA && [groups, surfaces, sections].every(Array.isArray) && isRecord(domains),
);

/**
 * The catalogue as files, in a ConfigMap and as a site. Errors of its checks stop the synthesis, warnings are
 * annotations of the stack. It makes no provider: the stack has one.
 */
export class ServiceCatalog extends Construct {
  readonly catalog: Catalog;
  /** Of its checks: errors, then warnings. */
  readonly problems: readonly CatalogProblem[];
  /** By their paths below the output's artifacts. */
  readonly artifacts: Readonly<Record<string, Artifact>>;
  readonly configMap?: ConfigMapV1;
  /** Where a site was asked for. */
  readonly site?: SiteResources;

  /** @throws ConfigurationError with all that is wrong with the props; what is wrong with the catalogue is a validation */
  constructor(scope: Construct, id: string, props: ServiceCatalogProps) {
    super(scope, id);
    ConfigurationError.throwIfAny(checkShapes(props, { catalog: CATALOG }));
    const { catalog, namespace, name = "service-catalog", labels = {}, annotations = {} } = props;
    const { site = false, configMap = namespace !== undefined, runbooks = [], postMortems = [] } = props;
    const image = site === false ? null : String(site.image ?? NGINX_IMAGE);
    const replicas = site === false ? 0 : (site.replicas ?? 1);
    const isInCluster = configMap || site !== false;
    ConfigurationError.throwIfAny(
      checkServiceCatalog(
        { namespace, name, image, replicas, isInCluster, labels, annotations, runbooks, postMortems },
        (text) => Token.isUnresolved(text),
      ),
    );
    const externalRunbooks = (props.externalRunbooks ?? [])
      .map((one) => (typeof one === "string" ? externalRunbook(one, "") : one))
      .filter(({ isExternal }) => isExternal);
    const context = catalogContext(catalog, {
      ...props,
      externalRunbooks: externalRunbooks.map(({ file }) => file),
      alerts: props.alerts ?? referencedAlerts(catalog),
      runbooks: props.runbooks === undefined ? null : documentAnchors(runbooks),
    });
    this.catalog = catalog;
    this.problems = checkCatalog(context, props);
    this.tellProblems();
    const files = catalogFiles({
      context,
      rules: props.rules ?? {},
      runbooks,
      externalRunbooks,
      postMortems,
    });
    this.artifacts = this.writeArtifacts(files, runbooks, postMortems);
    if (!isInCluster || namespace === undefined) return;

    const served = [CATALOG_JSON, CATALOG_MARKDOWN, ...(site === false ? [] : [SITE_PAGE])];
    const data = {
      ...Object.fromEntries(served.map((path) => [baseName(path), files[path] ?? ""])),
      ...(site === false ? {} : { [NGINX_CONFIG_FILE]: renderSiteNginxConfig(SITE_SERVER_PATHS) }),
    };
    ConfigurationError.throwIfAny(checkDataSize(data));
    const carried = new StackFiles(this, "files", data);
    const objects: CatalogObjects = { name, namespace, labels, annotations, hash: carried.hash };
    this.configMap = new ConfigMapV1(this, "config-map", {
      metadata: renderHashedMetadata(objects),
      data: Object.fromEntries(Object.keys(data).map((key) => [key, carried.text(key)])),
    });
    if (site === false || image === null) return;
    const server = { ...objects, image: ImagePin.of(image).toString(), replicas };
    this.site = createSiteServer(this, server, served.map(baseName), site, [this.configMap]);
  }

  /** Of the checks: the synthesis goes on. */
  get warnings(): readonly CatalogProblem[] {
    return this.problems.filter(({ severity }) => severity === "warning");
  }

  private tellProblems(): void {
    const errors = this.problems.filter(({ severity }) => severity === "error");
    this.node.addValidation({ validate: () => errors.map(formatCatalogProblem) });
    for (const warning of this.warnings) {
      // Annotations.of would add a stack trace, with paths of this machine, to the manifest.
      this.node.addMetadata(AnnotationMetadataEntryType.WARN, formatCatalogProblem(warning));
    }
  }

  private writeArtifacts(
    files: Readonly<Record<string, string>>,
    runbooks: readonly CatalogDocument[],
    postMortems: readonly CatalogDocument[],
  ): Readonly<Record<string, Artifact>> {
    const contents = [
      ...Object.entries(files).map(([path, text]) => [`catalog/${path}`, text] as const),
      ...runbooks.map(({ file, markdown }) => [`runbooks/${baseName(file)}`, markdown] as const),
      // Beside the runbooks as in the repository, so that links between them lead on.
      ...postMortems.map(({ file, markdown }) => [`post-mortems/${baseName(file)}`, markdown] as const),
    ];
    return Object.fromEntries(
      contents.map(([path, content]) => [
        path,
        new Artifact(this, `artifact-${path.replaceAll("/", "-")}`, { path, content }),
      ]),
    );
  }
}

function referencedAlerts(catalog: Catalog | DefinedCatalog): readonly CatalogAlert[] | null {
  const references = "alertRefs" in catalog ? catalog.alertRefs : [];
  return references.length === 0 ? null : references.map(catalogAlert);
}
