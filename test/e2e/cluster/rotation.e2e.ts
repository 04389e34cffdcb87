/**
 * A password rotated under a running CronJob: the registry takes the new one alone, the Secret follows, and the next
 * run signs in, with nothing restarted. Once with a Secret of somebody else's, once with Terraform's own.
 */
import type { TerraformStack } from "cdktf";
import { Credentials, Duration, ProbeRun, Registry, RegistryIntegrityProbe } from "../../../lib/index";
import { Pushgateway } from "../../support/pushgateway";
import { PrivateRegistry, type User } from "./chain/private-registry";
import { NAMESPACE, PROGRAM, ProbeCluster } from "./chain/probe-cluster";
import { randomPassword } from "./chain/random-password";
import { numberAt } from "./json";
import { describeWith } from "./needs";

const NAME = "registry-integrity-probe";
const SECRET = "registry-reader";
/** Two names of one registry, each with a user of its own. */
const INSTANCES = {
  secret: "secret.registry.example.com:5050",
  variable: "variable.registry.example.com:5050",
};
const OLD = users();
const NEW = users();

function users(): Readonly<Record<keyof typeof INSTANCES, User>> {
  return {
    secret: { username: "reader", password: randomPassword() },
    variable: { username: "puller", password: randomPassword() },
  };
}

describeWith(
  ["api", "controllers", "kubectl", "terraform", "crds", "providers"],
  "a password rotated under a CronJob",
  () => {
    let cluster: ProbeCluster;
    let registry: PrivateRegistry;
    let gateway: Pushgateway;
    let generation: number | null;

    beforeAll(async () => {
      registry = await PrivateRegistry.start(Object.values(OLD));
      gateway = await Pushgateway.start();
      cluster = await ProbeCluster.start();
      await cluster.putSecret(SECRET, { ...OLD.secret }, "kubernetes.io/basic-auth");
      await cluster.applyStack((stack) => build(stack, 1), variables(OLD.variable));
      generation = await cronJobGeneration();
    });

    afterAll(async () => {
      const stopped = await Promise.allSettled([cluster?.stop(), gateway?.stop(), registry?.stop()]);
      expect(stopped.filter(({ status }) => status === "rejected")).toEqual([]);
    });

    test("the first run signs in with both", async () => {
      await cluster.runNow(NAME, "before");
      expect(await refused()).toEqual({ secret: 0, variable: 0 });
      expect(await repositories()).toEqual({ secret: 1, variable: 1 });
    });

    test("while the registry has the new passwords and the Secrets the old ones, the run says so", async () => {
      await registry.setUsers(Object.values(NEW));
      expect(await registry.isPullable(OLD.secret)).toBe(false);
      const log = await cluster.runNow(NAME, "between");
      expect(log).toContain("unauthorized");
      const count = await refused();
      expect(count.secret).toBeGreaterThan(0);
      expect(count.variable).toBeGreaterThan(0);
      // What was not seen is not told as zero.
      expect(await repositories()).toEqual({ secret: null, variable: null });
    });

    test("a higher revision writes Terraform's Secret again, and nothing else changes", async () => {
      const changes = await cluster.applyStack((stack) => build(stack, 2), variables(NEW.variable));
      expect(changes).toMatchObject({ create: [], replace: [], delete: [] });
      expect(changes.update).toEqual([expect.stringMatching(/^kubernetes_secret_v1\.probe_credentials-/)]);
    });

    test("the next run signs in with the new ones, and nothing was restarted", async () => {
      await cluster.putSecret(SECRET, { ...NEW.secret }, "kubernetes.io/basic-auth");
      await cluster.runNow(NAME, "after");
      expect(await refused()).toEqual({ secret: 0, variable: 0 });
      expect(await repositories()).toEqual({ secret: 1, variable: 1 });
      expect(await cronJobGeneration()).toBe(generation);
    });

    test("no password, old or new, stands anywhere but in its Secret", async () => {
      cluster.keep("the Pushgateway's metrics", (await gateway.samples("")).join("\n"));
      cluster.keep("the registry's log", registry.registry.log());
      const secrets = {
        "old password of the Secret": OLD.secret.password,
        "new password of the Secret": NEW.secret.password,
        "old password of the variable": OLD.variable.password,
        "new password of the variable": NEW.variable.password,
      };
      expect(await cluster.leaks(secrets)).toEqual([]);
    });

    function build(stack: TerraformStack, revision: number): void {
      const credentials = {
        secret: Credentials.secret(SECRET),
        variable: Credentials.variable({ revision }),
      };
      new RegistryIntegrityProbe(stack, "probe", {
        namespace: NAMESPACE,
        registries: (["secret", "variable"] as const).map((kind) =>
          Registry.at(`http://${INSTANCES[kind]}`, {
            address: registry.address,
            private: true,
            credentials: credentials[kind],
          }),
        ),
        // By the clock it would run in the midst of a change; each run here is one that somebody starts.
        run: ProbeRun.cronJob({
          pushgateway: gateway.url,
          schedule: "0 0 * * 0",
          startJitter: Duration.seconds(0),
        }),
        programFile: PROGRAM,
      });
    }

    function variables({ username, password }: User): Readonly<Record<string, string>> {
      return { registry_username: username, registry_password: password };
    }

    async function cronJobGeneration(): Promise<number | null> {
      return numberAt(
        await cluster.kubectl.json(["-n", NAMESPACE, "get", "cronjob", NAME]),
        "metadata",
        "generation",
      );
    }

    /** Requests of the last run that the registry refused. */
    async function refused() {
      const of = async (instance: string) =>
        (await gateway.samples("registry_manifest_integrity_undetermined{"))
          .filter((line) => line.includes(`"${instance}"`) && line.includes('reason="unauthorized"'))
          .reduce((sum, line) => sum + sampleValue(line), 0);
      return { secret: await of(INSTANCES.secret), variable: await of(INSTANCES.variable) };
    }

    /** As many as the last run read of the catalogue; null where it could not. */
    async function repositories() {
      const lines = await gateway.samples("registry_manifest_integrity_repos_checked{");
      const of = (instance: string): number | null => {
        const line = lines.find((one) => one.includes(`"${instance}"`));
        return line === undefined ? null : sampleValue(line);
      };
      return { secret: of(INSTANCES.secret), variable: of(INSTANCES.variable) };
    }
  },
);

function sampleValue(sample: string): number {
  return Number(sample.slice(sample.lastIndexOf(" ") + 1));
}
