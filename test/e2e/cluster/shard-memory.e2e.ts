/** Shards that remember: an Indexed Job with a claim, on a real API, by pods that really run. */
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { shardOf } from "../../../lib/integrity/shard";
import { EmbeddedRegistry } from "../../../lib/testing";
import { Pushgateway } from "../../support/pushgateway";
import { firstChild, twoPlatforms } from "../../support/two-platforms";
import { NAMESPACE, ProbeCluster } from "./chain/probe-cluster";
import { listAt, textAt, textsAt, valueAt } from "./json";
import { describeWith, lacks } from "./needs";
import { NAME, ShardedProbe } from "./shards/sharded-probe";

const CLAIM = "walk-memory";
const REPOSITORIES = Array.from({ length: 12 }, (_, at) => `team/app-${at}`);
/** An index and two children each. */
const MANIFESTS = 3;
const DAY_MS = 24 * 3_600_000;

describeWith(["api", "controllers", "kubectl", "crds"], "shards that remember on a volume", () => {
  let cluster: ProbeCluster;
  let registry: EmbeddedRegistry;
  let gateway: Pushgateway;
  let probe: ShardedProbe;
  let runs = 0;

  beforeAll(async () => {
    registry = await EmbeddedRegistry.start();
    for (const name of REPOSITORIES) registry.put(name, "1.0", twoPlatforms(name));
    gateway = await Pushgateway.start();
    cluster = await ProbeCluster.start();
    probe = new ShardedProbe(cluster, !lacks("terraform", "providers"));
    await claimVolume(CLAIM, "ReadWriteMany");
  });

  afterAll(async () => {
    const stopped = await Promise.allSettled([cluster?.stop(), gateway?.stop(), registry?.close()]);
    expect(stopped.filter(({ status }) => status === "rejected")).toEqual([]);
  });

  /** As somebody who runs the cluster does. */
  async function claimVolume(name: string, mode: string): Promise<void> {
    const access = { accessModes: [mode], storageClassName: "" };
    const claimed = { ...access, resources: { requests: { storage: "1Gi" } } };
    const volume = { ...access, capacity: { storage: "1Gi" }, hostPath: { path: "/srv/tallyman" } };
    await cluster.kubectl.apply(
      { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec: volume },
      {
        ...{ apiVersion: "v1", kind: "PersistentVolumeClaim" },
        ...{ metadata: { name, namespace: NAMESPACE }, spec: claimed },
      },
    );
    await cluster.until("bound claim", async () => {
      const claim = await cluster.kubectl.json(["-n", NAMESPACE, "get", "pvc", name]);
      return textAt(claim, "status", "phase") === "Bound" ? claim : null;
    });
  }

  const apply = (shards: number, memory = CLAIM) =>
    probe.apply({ registry: registry.url, pushgateway: gateway.url, shards, memory });

  async function begin(): Promise<string> {
    const job = `${NAME}-by-hand-${++runs}`;
    registry.forgetRequests();
    await cluster.kubectl.must(["-n", NAMESPACE, "create", "job", `--from=cronjob/${NAME}`, job]);
    return job;
  }

  /** @returns the Job's name */
  async function run(): Promise<string> {
    const job = await begin();
    await cluster.finishedJob(job);
    return job;
  }

  const podsOf = (job: string) => cluster.kubectl.list(["pods", "-n", NAMESPACE, "-l", `job-name=${job}`]);

  const asked = (method: string): number =>
    registry.requests.filter((request) => request.method === method && request.url.includes("/manifests/"))
      .length;

  const files = (): readonly string[] => readdirSync(cluster.claimFolder(CLAIM)).sort();
  const key = (): string => `127-0-0-1-${new URL(registry.url).port}`;
  const filesOf = (shards: number): readonly string[] =>
    Array.from({ length: shards }, (_, at) => `${key()}.${at}.memory`);

  test("three pods of one Job have a file each in the one claim, of their own account, and nobody else's", async () => {
    await apply(3);
    const job = await run();
    expect([asked("GET"), asked("HEAD")]).toEqual([REPOSITORIES.length * MANIFESTS, 0]);
    expect(files()).toEqual(filesOf(3));
    for (const file of files()) {
      const { mode } = statSync(join(cluster.claimFolder(CLAIM), file));
      expect([file, mode & 0o777]).toEqual([file, 0o600]);
    }
    const pods = await podsOf(job);
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      const volumes = listAt(pod, "spec", "volumes");
      expect(volumes).toContainEqual({ name: "memory", persistentVolumeClaim: { claimName: CLAIM } });
      const [container] = listAt(pod, "spec", "containers");
      // The API keeps the reference as it is, and each container's own kubelet puts the index in.
      expect(textsAt(container, "args")).toContain(
        `/var/lib/tallyman/${key()}.$(JOB_COMPLETION_INDEX).memory`,
      );
      const env = listAt(container, "env").map((one) => textAt(one, "name"));
      expect(env).toContain("JOB_COMPLETION_INDEX");
      expect(valueAt(pod, "spec", "securityContext", "fsGroup")).toBe(65532);
    }
  });

  test("the second run reads no manifest again, and one shard finds what was lost in between", async () => {
    const quiet = await run();
    expect([asked("GET"), asked("HEAD")]).toEqual([0, REPOSITORIES.length * MANIFESTS]);
    expect(await logOf(quiet)).toHaveLength(3);
    const [lost = ""] = REPOSITORIES;
    registry.storage.unlinkManifest(lost, firstChild(twoPlatforms(lost)).digest);
    await run();
    const broken = await gateway.samples("registry_manifest_integrity_broken_reference{");
    expect(broken).toEqual([expect.stringContaining(`repository="${lost}",shard="${shardOf(lost, 3)}/3"`)]);
    registry.put(lost, "1.0", twoPlatforms(lost));
    await run();
    expect(await gateway.samples("registry_manifest_integrity_broken_reference{")).toEqual([]);
  });

  test("a fourth reads what it took of the others, and they read nothing", async () => {
    await apply(4);
    await run();
    const moved = REPOSITORIES.filter((name) => shardOf(name, 4) === 4).length;
    expect(moved).toBeGreaterThan(0);
    expect([asked("GET"), asked("HEAD")]).toEqual([
      moved * MANIFESTS,
      (REPOSITORIES.length - moved) * MANIFESTS,
    ]);
    expect(files()).toEqual(filesOf(4));
  });

  test("of shards that are no more the files go after a week", async () => {
    const old = filesOf(4).slice(2);
    const long = new Date(Date.now() - 8 * DAY_MS);
    for (const file of old) utimesSync(join(cluster.claimFolder(CLAIM), file), long, long);
    await apply(2);
    await run();
    // The two take over what the others walked: more than a twentieth of theirs, so that each writes.
    expect(files()).toEqual(filesOf(2));
    await run();
    expect([asked("GET"), asked("HEAD")]).toEqual([0, REPOSITORIES.length * MANIFESTS]);
  });

  test("of a claim for one pod alone the second waits until the first has ended, and walks then", async () => {
    const claim = "one-pod";
    await claimVolume(claim, "ReadWriteOncePod");
    await apply(2, claim);
    const slow = registry.script({ fault: { kind: "slow-headers", delayMs: 8_000 }, path: "/v2/_catalog" });
    const job = await begin();
    await cluster.until("first pod", async () => (slow.hits > 0 ? true : null));
    const waiting = await cluster.until("pod that waits", async () => {
      const pods = await podsOf(job);
      return pods.find((pod) => textAt(pod, "status", "phase") === "Pending") ?? null;
    });
    const [condition] = listAt(waiting, "status", "conditions");
    expect(textAt(condition, "message")).toContain("ReadWriteOncePod");
    expect(slow.hits).toBe(1);
    slow.remove();
    await cluster.finishedJob(job, 120_000);
    expect(readdirSync(cluster.claimFolder(claim)).sort()).toEqual(filesOf(2));
  });

  /** The summary lines of the Job's pods, which say what was known. */
  async function logOf(job: string): Promise<readonly string[]> {
    const words = ["-n", NAMESPACE, "logs", "-l", `job-name=${job}`, "--all-containers", "--tail=-1"];
    return (await cluster.kubectl.must(words)).split("\n").filter((line) => line.includes("manifests known"));
  }
});
