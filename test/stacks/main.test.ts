import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { TerraformStack } from "cdktf";
import { ConfigurationError } from "../../lib/core/problem";
import { main } from "../../stacks/main";

const ROOT = join(__dirname, "../..");
const ADDRESSES = join(ROOT, "test/logical-ids.txt");

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-stacks-"));
  for (const name of ["tallyman.mjs", "tallyman-host.mjs", "tallyman-verify.mjs.zlib"]) {
    writeFileSync(join(folder, name), "console.log('the program');\n");
  }
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly errors: readonly string[];
}

function run(env: Record<string, string> = {}, builders?: Parameters<typeof main>[1]): Run {
  const errors: string[] = [];
  const programFile = join(folder, "tallyman.mjs");
  const options = { env, outdir: outdir(), programFile, writeError: (line: string) => errors.push(line) };
  return { code: builders === undefined ? main(options) : main(options, builders), errors };
}

function outdir(): string {
  return join(folder, "out");
}

/** Every file of the output, by its path. */
function readOutput(): ReadonlyMap<string, string> {
  const paths = readdirSync(outdir(), { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => statSync(join(outdir(), path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(outdir(), path), "utf8")]));
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`no object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}

function readStack(id: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(readFileSync(join(outdir(), "stacks", id, "cdk.tf.json"), "utf8"));
  return asObject(parsed);
}

function addressesOf(id: string): string[] {
  const resources = asObject(readStack(id).resource);
  return Object.entries(resources).flatMap(([type, all]) =>
    Object.keys(asObject(all)).map((name) => `${id} ${type}.${name}`),
  );
}

test("the addresses of all stacks are those of test/logical-ids.txt", () => {
  expect(run()).toEqual({
    code: 0,
    errors: [
      expect.stringMatching(/^registry: \d+ of the images have no digest in images\.lock\.json, /),
      expect.stringMatching(/^catalog: \d+ warnings, `tallyman catalog check .*` lists them$/),
    ],
  });
  const [, file = ""] = /check (\S+\.json)/.exec(run().errors.join()) ?? [];
  expect(readOutput().has(relative(outdir(), file))).toBe(true);
  const stacks = readdirSync(join(outdir(), "stacks"));
  const now = stacks.flatMap(addressesOf).sort();
  const listed = readFileSync(ADDRESSES, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const gone = listed.filter((line) => !now.includes(line));
  const added = now.filter((line) => !listed.includes(line));
  if (gone.length > 0) {
    throw new Error(
      `These addresses are gone: ${gone.join(", ")}. Every user's next plan would destroy these resources and make ` +
        `others (${added.join(", ") || "none"}): bring back the construct ids, or give the resource a moveFromId, ` +
        'and say so in the changelog\'s "Plan changes".',
    );
  }
  expect({ "to be added to test/logical-ids.txt": added }).toEqual({
    "to be added to test/logical-ids.txt": [],
  });
  expect(listed).toEqual([...listed].sort());
});

test("the output holds the program and the rules, and no path of this machine", () => {
  run({ KUBE_CONFIG_PATH: "/home/somebody/.kube/config", HOME: "/home/somebody" });
  const output = readOutput();
  expect([...output.keys()]).toEqual(
    expect.arrayContaining([
      "artifacts/probe/tallyman.mjs",
      "artifacts/monitoring/rules.yml",
      "artifacts/monitoring/scrape-config.yml",
      "artifacts/monitoring/dashboard.json",
      "artifacts/monitoring-chart/rules.yml",
      "artifacts/monitoring-chart/scrape-config.yml",
      "artifacts/monitoring-chart/dashboard.json",
      "artifacts/pipeline/build-ci-image.yml",
      "manifest.json",
    ]),
  );
  const foreign = [folder, ROOT, tmpdir(), "/home/"];
  for (const [path, text] of output) {
    expect(foreign.filter((one) => text.includes(one)).map((one) => `${path}: ${one}`)).toEqual([]);
  }
});

test("the same input gives the same bytes", () => {
  run();
  const first = readOutput();
  run();
  expect(readOutput()).toEqual(first);
});

test("the estate's probe is what the estate says", () => {
  run();
  const jobs = Object.values(
    asObject(asObject(readStack("monitoring-chart").resource).kubernetes_cron_job_v1),
  );
  const text = JSON.stringify(jobs);
  expect(jobs).toMatchObject([
    {
      metadata: { name: "registry-integrity-probe", namespace: "monitoring" },
      lifecycle: { ignore_changes: ["spec[0].job_template[0].spec[0].template[0].spec[0].dns_config"] },
      spec: { schedule: "*/15 * * * *", job_template: { spec: { active_deadline_seconds: 810 } } },
    },
  ]);
  const [, args] = /"args":(\[[^\]]*\])/.exec(text) ?? [];
  expect(args).toBe(
    JSON.stringify([
      "probe",
      "registry.viktorbarzin.me:5050",
      "--exit-zero",
      ...["--format", "table", "--start-jitter", "60s", "--deadline", "5m", "--interval", "15m"],
      ...["--instance", "registry.viktorbarzin.me:5050"],
      ...["--push", "http://prometheus-prometheus-pushgateway.monitoring:9091"],
      ...["--address", "10.0.20.10:5050", "--private"],
      ...["--replace-group", "job=registry-integrity-probe"],
    ]),
  );
  expect(text).not.toContain("insecure");
});

test("with an operator: a PrometheusRule, monitors that the same release selects, and no chart", () => {
  run();
  const resources = asObject(readStack("monitoring").resource);
  const manifests = Object.values(asObject(resources.kubernetes_manifest)).map((one) =>
    asObject(asObject(one).manifest),
  );
  expect(manifests.map(({ kind }) => kind).sort()).toEqual([
    "PrometheusRule",
    ...Array(7).fill("ScrapeConfig"),
    "ServiceMonitor",
  ]);
  for (const { metadata } of manifests) {
    expect(metadata).toMatchObject({
      namespace: "monitoring",
      labels: { release: "kube-prometheus-stack" },
    });
  }
  expect(JSON.stringify(manifests)).toContain('"targets":["10.0.20.10:9100"]');
  expect(resources).not.toHaveProperty("helm_release");
});

test("without an operator: the estate's own values, the rules and the jobs in one release, and no custom resource", () => {
  run();
  const resources = asObject(readStack("monitoring-chart").resource);
  expect(resources).not.toHaveProperty("kubernetes_manifest");
  const [release] = Object.values(asObject(resources.helm_release)).map(asObject);
  expect(release).toMatchObject({
    name: "prometheus",
    namespace: "monitoring",
    chart: "prometheus",
    version: expect.stringMatching(/^27\.[0-9]+\.[0-9]+$/),
  });
  const values = JSON.stringify(release?.values);
  expect(values.indexOf("prometheus-pushgateway")).toBeLessThan(
    values.indexOf("RegistryManifestIntegrityFailure"),
  );
  expect(values).toContain("10.0.20.10:5001");
  expect(values).toContain("10.0.20.10:9100");
  expect(values).toContain("{{ $value }}");
});

describe("the backend", () => {
  const backend = () => asObject(asObject(readStack("monitoring").terraform).backend);

  test.each([
    [{}, { local: { path: "../../../terraform.monitoring.tfstate" } }],
    [{ TALLYMAN_STATE_DIR: "states" }, { local: { path: "states/terraform.monitoring.tfstate" } }],
    [{ TALLYMAN_BACKEND: "s3" }, { s3: {} }],
    [{ TALLYMAN_BACKEND: "" }, { local: { path: "../../../terraform.monitoring.tfstate" } }],
  ])("%j", (env, expected) => {
    run(env);
    expect(backend()).toEqual(expected);
  });
});

describe("when something is wrong", () => {
  const problem = (path: string) => ({ path, rule: "be right", value: 1, fix: "Mend it." });
  const broken = (path: string) => () => {
    throw new ConfigurationError([problem(path), problem(`${path}2`)]);
  };

  test("the problems of all stacks are told together, in lines, and nothing is written", () => {
    const outcome = run(
      {},
      {
        one: broken("a"),
        two: (app, id) => {
          const stack = new TerraformStack(app, id);
          stack.node.addValidation({ validate: () => ["c must be right"] });
          return stack;
        },
        three: broken("b"),
      },
    );
    expect(outcome.code).toBe(64);
    expect(outcome.errors).toEqual([
      "one: a must be right, got 1. Mend it.",
      "one: a2 must be right, got 1. Mend it.",
      "three: b must be right, got 1. Mend it.",
      "three: b2 must be right, got 1. Mend it.",
      "two: c must be right",
    ]);
    expect([...readOutput().keys()]).toEqual([]);
  });

  test("an error of another kind is a fault of the program, and keeps its trace", () => {
    const fault = () => {
      throw new TypeError("a fault");
    };
    expect(() => run({}, { one: fault })).toThrow(TypeError);
  });
});
