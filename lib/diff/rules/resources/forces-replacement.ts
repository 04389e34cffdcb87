/**
 * Attributes whose change makes Terraform destroy a resource and create another, for the types that this library
 * makes and their nearest relatives; a closed list, taken from the providers' schemas (ForceNew, RequiresReplace).
 * https://registry.terraform.io/providers/hashicorp/kubernetes/2.38.0/docs
 * https://registry.terraform.io/providers/hashicorp/helm/3.1.1/docs
 */
export interface ForcingAttribute {
  /** From the resource down, without the places in lists of one. */
  readonly path: readonly string[];
  /** What the provider takes where nothing is written. */
  readonly default?: string;
}

function attribute(path: string, otherwise?: string): ForcingAttribute {
  return { path: path.split("."), ...(otherwise === undefined ? {} : { default: otherwise }) };
}

const METADATA = [
  attribute("metadata.name"),
  attribute("metadata.namespace", "default"),
  attribute("metadata.generate_name"),
];

const JOB = ["completions", "completion_mode", "manual_selector", "selector", "template"];

const BY_TYPE: readonly (readonly [RegExp, readonly ForcingAttribute[]])[] = [
  [/^kubernetes_(?!manifest$)/, METADATA],
  [
    /^kubernetes_manifest$/,
    ["manifest.apiVersion", "manifest.kind", "manifest.metadata.name", "manifest.metadata.namespace"].map(
      (path) => attribute(path),
    ),
  ],
  [/^kubernetes_(?:deployment|daemon_?set|daemonset)(?:_v1)?$/, [attribute("spec.selector")]],
  [
    /^kubernetes_stateful_set(?:_v1)?$/,
    ["spec.selector", "spec.service_name", "spec.volume_claim_template", "spec.pod_management_policy"].map(
      (path) => attribute(path),
    ),
  ],
  [
    /^kubernetes_service(?:_v1)?$/,
    ["spec.cluster_ip", "spec.cluster_ips", "spec.load_balancer_class"].map((path) => attribute(path)),
  ],
  // The provider's own default: one that another tool made has none, and is replaced.
  [/^kubernetes_cron_job(?:_v1)?$/, [attribute("spec.job_template.spec.completions", "1")]],
  [
    /^kubernetes_job(?:_v1)?$/,
    JOB.map((name) => attribute(`spec.${name}`, name === "completions" ? "1" : undefined)),
  ],
  [/^kubernetes_(?:cluster_)?role_binding(?:_v1)?$/, [attribute("role_ref")]],
  [/^kubernetes_secret(?:_v1)?$/, [attribute("type", "Opaque")]],
  [
    /^kubernetes_persistent_volume_claim(?:_v1)?$/,
    ["spec.access_modes", "spec.storage_class_name", "spec.volume_name", "spec.selector"].map((path) =>
      attribute(path),
    ),
  ],
  [/^helm_release$/, [attribute("name"), attribute("namespace", "default")]],
  [/^terraform_data$/, [attribute("triggers_replace")]],
  [/^null_resource$/, [attribute("triggers")]],
];

export function forcingAttributes(type: string): readonly ForcingAttribute[] {
  return BY_TYPE.flatMap(([pattern, attributes]) => (pattern.test(type) ? attributes : []));
}
