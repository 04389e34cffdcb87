import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { findTool } from "../../support/require-tool";
import { findClusterBinaries, KUBERNETES_VERSION } from "./binaries";
import { type ApiChoice, chooseApi } from "./choose-api";
import { findOperatorCrds, OPERATOR_VERSION } from "./crds";
import { objectAt, textAt } from "./json";
import type { Lack } from "./needs";
import { AppliedStack } from "./terraform-stack";

/** What the tests run against, by the names that docs/tested-with.md has. */
export type TestedWith = Readonly<Record<string, string>>;

export interface Preflight {
  readonly lacks: readonly Lack[];
  readonly testedWith: TestedWith;
}

const NOWHERE = "/nonexistent/kubeconfig";

/** Looks at everything once, before any test. @throws Error as `chooseApi` does */
export async function preflight(env: NodeJS.ProcessEnv = process.env): Promise<Preflight> {
  const lacks: Lack[] = [];
  const testedWith: Record<string, string> = { Node: process.version };
  const api = ownApi(env);
  if (api.kind === "missing") lacks.push({ need: "api", line: api.lack });
  else testedWith.Kubernetes = nameApi(api);
  if (lacksControllers(api)) {
    const line =
      "kube-controller-manager and kube-scheduler are missing: `bash scripts/build-e2e-cluster.sh`";
    lacks.push({ need: "controllers", line: `${line} builds them by Go` });
  }
  if (findTool("kubectl") === null) {
    const line =
      "kubectl is missing: https://kubernetes.io/docs/tasks/tools has it, or Debian's kubernetes-client";
    lacks.push({ need: "kubectl", line });
  }
  const crds = findOperatorCrds();
  if (typeof crds === "string") lacks.push({ need: "crds", line: crds });
  else testedWith["CRDs of prometheus-operator"] = OPERATOR_VERSION;
  const binaries = terraformBinaries();
  for (const binary of binaries) Object.assign(testedWith, await providersOf(binary, lacks));
  if (binaries.length === 0) {
    const line = "terraform and tofu are missing: https://developer.hashicorp.com/terraform/install";
    lacks.push({ need: "terraform", line }, { need: "providers", line: `the providers: ${line}` });
  }
  if (cdktfCommand() === null) {
    const line = "cdktf is missing: `bash scripts/install-test-servers.sh --cdktf` installs cdktf-cli";
    lacks.push({ need: "cdktf", line });
  }
  return { lacks, testedWith };
}

/** The API of this run. */
export function ownApi(env: NodeJS.ProcessEnv = process.env): ApiChoice {
  return chooseApi({
    env,
    readText: (path) => readFileSync(path, "utf8"),
    findBinaries: () => findClusterBinaries(env),
  });
}

/** Paths of terraform and of tofu, as far as they are there. */
export function terraformBinaries(): readonly string[] {
  return ["terraform", "tofu"].flatMap((name) => findTool(name) ?? []);
}

/** The archived command line, where it is there. */
export function cdktfCommand(): string | null {
  return findTool("cdktf");
}

/** For test titles, which stand in docs/tested-with.md without a path of this machine. */
export function terraformCases(): readonly { readonly program: string; readonly binary: string }[] {
  return terraformBinaries().map((binary) => ({ program: basename(binary), binary }));
}

function lacksControllers(api: ApiChoice): boolean {
  if (api.kind !== "started") return api.kind === "missing";
  return api.binaries.kubeControllerManager === null || api.binaries.kubeScheduler === null;
}

function nameApi(api: Exclude<ApiChoice, { kind: "missing" }>): string {
  if (api.kind === "given") return `the API at ${api.server}`;
  // v1.36.3+… of a build of ours, whatever else is in KUBEBUILDER_ASSETS.
  const { stdout } = spawnSync(api.binaries.kubeApiserver, ["--version"], { encoding: "utf8" });
  return /v[0-9][^\s]*/.exec(stdout ?? "")?.[0] ?? KUBERNETES_VERSION;
}

/** Whether `terraform init` can install what @cdktf/provider-* pin, with the user's own CLI configuration. */
async function providersOf(binary: string, lacks: Lack[]): Promise<TestedWith> {
  const stack = AppliedStack.create({ binary, kubeconfig: NOWHERE });
  const name = binary.endsWith("tofu") ? "OpenTofu" : "Terraform";
  try {
    stack.synthesize(() => undefined);
    const { code, output } = await stack.terraform.run(["init", "-input=false"]);
    if (code !== 0) {
      const why = /Error: (.*)/.exec(output)?.[1] ?? output.trim().split("\n")[0];
      const fix = "a network to its registry, or a filesystem_mirror in TF_CLI_CONFIG_FILE";
      const line = `${name} cannot install hashicorp/kubernetes and hashicorp/helm (${why}): give it ${fix}`;
      lacks.push({ need: "providers", line });
    }
    const version = await stack.terraform.json(["version", "-json"]);
    const providers = Object.entries(objectAt(version, "provider_selections")).map(
      ([source, one]) => [source.replace(/^[^/]+\//, ""), String(one)] as const,
    );
    return { [name]: textAt(version, "terraform_version") ?? "", ...Object.fromEntries(providers) };
  } finally {
    stack.remove();
  }
}
