/** The exporter with two replicas: who walks, who takes over, and what they may do in the cluster. */
import { setTimeout as sleep } from "node:timers/promises";
import { Duration, ProbeRun, Registry, RegistryIntegrityProbe } from "../../../lib/index";
import { EmbeddedRegistry } from "../../../lib/testing";
import { rawHttp } from "../../support/raw-http";
import { freePort } from "../../support/server-process";
import { twoPlatforms } from "../../support/two-platforms";
import { NAMESPACE, PROGRAM, ProbeCluster } from "./chain/probe-cluster";
import { requireText, textAt, valueAt } from "./json";
import { describeWith } from "./needs";

const NAME = "registry-integrity-probe";
const LEASE = `${NAME}-registry-example-com-5050`;
const INSTANCE = "registry.example.com:5050";
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${NAME}`;
/**
 * On loopback each node has an address of its own, so that pods can listen on one port; a third, as a rollout has one
 * pod more.
 */
const NODES = ["127.0.0.2", "127.0.0.3", "127.0.0.4"].map((podIp, i) => ({
  podIp,
  nodeName: `node-${i + 1}`,
  listensOnPodIp: true,
  maxProbePeriodMs: 1_000,
}));

describeWith(
  ["api", "controllers", "kubectl", "terraform", "crds", "providers"],
  "the exporter with two replicas",
  () => {
    let cluster: ProbeCluster;
    let registry: EmbeddedRegistry;
    let port: number;

    beforeAll(async () => {
      port = await freePort();
      registry = await EmbeddedRegistry.start();
      registry.put("app", "latest", twoPlatforms("replicas"));
      cluster = await ProbeCluster.start(NODES);
      await apply(1);
    });

    afterAll(async () => {
      const stopped = await Promise.allSettled([cluster?.stop(), registry?.close()]);
      expect(stopped.filter(({ status }) => status === "rejected")).toEqual([]);
    });

    const apply = (replicas: number) =>
      cluster.applyStack((stack) => {
        const options = { address: registry.host };
        new RegistryIntegrityProbe(stack, "probe", {
          namespace: NAMESPACE,
          registries: [Registry.at(`http://${INSTANCE}`, options)],
          run: ProbeRun.exporter({ interval: Duration.minutes(15), port, serviceMonitor: false, replicas }),
          programFile: PROGRAM,
        });
      });

    /** Each walk asks for the catalogue once. */
    const walks = () => registry.requests.filter(({ url }) => url.startsWith("/v2/_catalog")).length;

    const pods = () => cluster.kubectl.list(["pods", "-n", NAMESPACE]);

    const get = async (podIp: string, path: string): Promise<string> =>
      (await rawHttp(`http://${podIp}:${port}${path}`)).body.toString("utf8");

    /** The pods' names by what they say of themselves, as soon as that is what is wanted. */
    async function roles(wanted: readonly string[], timeoutMs: number): Promise<Record<string, string>> {
      let seen: Record<string, string> = {};
      const look = async () => {
        const said = await Promise.all(
          (await pods()).map(async (pod) => {
            const ip = textAt(pod, "status", "podIP") ?? "";
            const page = await get(ip, "/").catch(() => "");
            const role =
              /This replica (walks alone|walks|stands by|does not walk)/.exec(page)?.[1] ?? "silent";
            return [requireText(pod, "metadata", "name"), role] as const;
          }),
        );
        seen = Object.fromEntries(said);
        const found = said.map(([, role]) => role).sort();
        return JSON.stringify(found) === JSON.stringify([...wanted].sort()) ? seen : null;
      };
      return cluster.until(`roles ${wanted.join(", ")}, but ${JSON.stringify(seen)}`, look, timeoutMs);
    }

    const holder = async (): Promise<string> =>
      textAt(
        await cluster.kubectl.json(["-n", NAMESPACE, "get", "lease", LEASE]),
        "spec",
        "holderIdentity",
      ) ?? "";

    const podOf = (seen: Record<string, string>, role: string): string =>
      Object.entries(seen).find(([, one]) => one === role)?.[0] ?? "";

    test("one becomes two in place; both are ready, on nodes of their own, and one of them walks", async () => {
      await cluster.kubectl.must([
        "-n",
        NAMESPACE,
        "rollout",
        "status",
        `deployment/${NAME}`,
        "--timeout=60s",
      ]);
      expect(walks()).toBe(1);
      const changes = await apply(2);
      expect([...changes.replace, ...changes.delete]).toEqual([]);
      expect(changes.update).toContainEqual(expect.stringContaining("kubernetes_deployment_v1."));
      await cluster.kubectl.must([
        ...["-n", NAMESPACE, "rollout", "status", `deployment/${NAME}`, "--timeout=60s"],
      ]);
      const seen = await roles(["walks", "stands by"], 30_000);
      expect(await holder()).toMatch(new RegExp(`^${podOf(seen, "walks")}_[0-9a-f]{8}$`));
      expect(new Set((await pods()).map((pod) => textAt(pod, "spec", "nodeName"))).size).toBe(2);
      const budget = await cluster.kubectl.json(["-n", NAMESPACE, "get", "poddisruptionbudget", NAME]);
      expect(valueAt(budget, "status", "disruptionsAllowed")).toBe(1);
    });

    test("the walk is not doubled, and only whoever walks has series", async () => {
      await cluster.until("a walk", async () => (walks() > 1 ? true : null));
      await sleep(5_000);
      // One of whoever holds the lease, and one of each pod before it: the old ones, we suppose, are scaled first.
      expect(walks()).toBeLessThanOrEqual(3);
      const ips = (await pods()).map((pod) => requireText(pod, "status", "podIP"));
      const metrics = await Promise.all(ips.map((ip) => get(ip, "/metrics")));
      expect(metrics.map((text) => text !== "").sort()).toEqual([false, true]);
      expect(metrics.join("")).toContain(`registry_manifest_integrity_failures{instance="${INSTANCE}"} 0`);
    });

    test("the pods' account may get, update and make its Lease, and nothing else", async () => {
      const can = async (...words: string[]) =>
        (
          await cluster.kubectl.run(["-n", NAMESPACE, "auth", "can-i", ...words, `--as=${ACCOUNT}`])
        ).stdout.trim();
      const allowed = [
        ["get", `lease/${LEASE}`],
        ["update", `lease/${LEASE}`],
        ["create", "leases"],
      ];
      const denied = [
        ["delete", `lease/${LEASE}`],
        ["patch", `lease/${LEASE}`],
        ["list", "leases"],
        ["watch", "leases"],
        ["get", "lease/another"],
        ["update", "lease/another"],
        ["get", "secrets"],
        ["get", "pods"],
        ["create", "configmaps"],
      ];
      expect(await Promise.all(allowed.map((words) => can(...words)))).toEqual(allowed.map(() => "yes"));
      expect(await Promise.all(denied.map((words) => can(...words)))).toEqual(denied.map(() => "no"));
      const refused = await cluster.kubectl.run([
        "-n",
        NAMESPACE,
        "delete",
        "lease",
        LEASE,
        `--as=${ACCOUNT}`,
      ]);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("Forbidden")]);
    });

    /** A pod made anew may be quicker than the one that stood by. */
    const handedOver = (from: string, timeoutMs: number) =>
      cluster.until(
        `holder after ${from}`,
        async () => {
          const now = await holder();
          return now !== "" && !now.startsWith(from) ? now : null;
        },
        timeoutMs,
      );

    test("who walks is asked to end: it lets go, and another walks within seconds", async () => {
      const before = podOf(await roles(["walks", "stands by"], 30_000), "walks");
      const began = performance.now();
      await cluster.kubectl.must(["-n", NAMESPACE, "delete", "pod", before, "--wait=false"]);
      await handedOver(before, 20_000);
      // Sooner than the lease of half a minute runs out.
      expect(performance.now() - began).toBeLessThan(15_000);
      await roles(["walks", "stands by"], 30_000);
    });

    test("who walks is killed: another takes over when the lease has run out, not before", async () => {
      const killed = podOf(await roles(["walks", "stands by"], 30_000), "walks");
      const walked = walks();
      const began = performance.now();
      await cluster.kubectl.must([
        ...["-n", NAMESPACE, "delete", "pod", killed, "--force", "--grace-period=0", "--wait=false"],
      ]);
      await handedOver(killed, 60_000);
      expect(performance.now() - began).toBeGreaterThan(20_000);
      await roles(["walks", "stands by"], 30_000);
      await cluster.until("a walk", async () => (walks() > walked ? true : null));
      expect(walks()).toBe(walked + 1);
    });

    test("without the Role each says so, with the fix, and walks alone; with it again one stands by", async () => {
      await cluster.kubectl.must(["-n", NAMESPACE, "delete", "rolebinding", NAME]);
      const alone = await roles(["walks alone", "walks alone"], 60_000);
      for (const pod of Object.keys(alone)) {
        const log = await cluster.kubectl.must(["-n", NAMESPACE, "logs", pod]);
        const said = log.split("\n").filter((line) => line.includes("walks alone"));
        expect(said).toHaveLength(1);
        expect(said[0]).toContain(`the API answered the get of the lease ${NAMESPACE}/${LEASE} with 403`);
        expect(said[0]).toContain("Bind a Role");
        expect(said[0]).toContain("walks are doubled");
      }
      await apply(2);
      await roles(["walks", "stands by"], 60_000);
    });

    test("one replica again: the Deployment is changed in place, and what the other needed is gone", async () => {
      await apply(1);
      await cluster.kubectl.must([
        ...["-n", NAMESPACE, "rollout", "status", `deployment/${NAME}`, "--timeout=60s"],
      ]);
      const left = await cluster.kubectl.list(["role,rolebinding,poddisruptionbudget", "-n", NAMESPACE]);
      expect(left).toEqual([]);
      const [pod, ...others] = await pods();
      expect(others).toEqual([]);
      expect(JSON.stringify(pod)).not.toContain("serviceaccount");
    });
  },
);
