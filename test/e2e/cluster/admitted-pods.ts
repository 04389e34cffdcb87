import { setTimeout as sleep } from "node:timers/promises";
import type { E2eCluster } from "./e2e-cluster";
import { listAt, numberAt, objectAt, requireText, textAt } from "./json";
import type { Kubectl } from "./kubectl";

const ADMITTED_TIMEOUT_MS = 30_000;
/** How many kubectl at once. */
const AT_ONCE = 4;

/** What the API warns of, or refuses, when the namespace's CronJobs and Deployments are made anew; empty is good. */
export async function warningsOf({ kubectl }: E2eCluster, namespace: string): Promise<readonly string[]> {
  const objects = await kubectl.list(["cronjobs.batch,deployments.apps", "-n", namespace]);
  const warnings: string[] = [];
  for (const object of objects) warnings.push(...(await createDry(kubectl, namespace, object)));
  return warnings;
}

/** Pod security looks at a template when its object is made, so each is made once more, under another name. */
export async function createDry(
  kubectl: Kubectl,
  namespace: string,
  object: object,
): Promise<readonly string[]> {
  const name = requireText(object, "metadata", "name").slice(0, 40);
  const { apiVersion, kind, spec } = Object.fromEntries(Object.entries(object));
  const copy = { apiVersion, kind, metadata: { name: `${name}-dry`, namespace }, spec };
  const { code, stderr } = await kubectl.run(
    ["create", "--dry-run=server", "--warnings-as-errors", "-f", "-"],
    JSON.stringify(copy),
  );
  return code === 0 ? [] : [`${String(kind)} ${name}: ${stderr.trim()}`];
}

/** Makes a Job of every CronJob, as `kubectl create job --from` does, and gives their names. */
export async function runCronJobs({ kubectl }: E2eCluster, namespace: string): Promise<readonly string[]> {
  const cronJobs = await kubectl.list(["cronjobs.batch", "-n", namespace]);
  const names = cronJobs.map((one) => requireText(one, "metadata", "name"));
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    await Promise.all(
      some.map((name) =>
        kubectl.must(["create", "job", `${name}-now`, `--from=cronjob/${name}`, "-n", namespace]),
      ),
    );
  }
  return names;
}

/** `kind name` of the Jobs and Deployments that have no pod, though their controllers had the time. */
export async function withoutPod({ kubectl }: E2eCluster, namespace: string): Promise<readonly string[]> {
  const end = performance.now() + ADMITTED_TIMEOUT_MS;
  for (;;) {
    const all = await kubectl.list(["jobs.batch,deployments.apps", "-n", namespace]);
    const missing = all.filter((one) => podCount(one) === 0);
    if (missing.length === 0 || performance.now() > end) {
      return missing.map((one) => `${textAt(one, "kind")} ${textAt(one, "metadata", "name")}`);
    }
    await sleep(200);
  }
}

function podCount(owner: object): number {
  const status = objectAt(owner, "status");
  const isRefused = listAt(status, "conditions").some((one) => textAt(one, "type") === "ReplicaFailure");
  return isRefused ? 0 : (numberAt(status, "active") ?? 0) + (numberAt(status, "replicas") ?? 0);
}
