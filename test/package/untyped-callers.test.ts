/** What a caller in plain JavaScript gets wrong is told as anything else: by its path, the rule, the value and the fix. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import * as library from "../../lib";
import {
  AlertSink,
  Artifact,
  type ArtifactProps,
  defineCatalog,
  IntegrityDashboard,
  type IntegrityDashboardProps,
  MonitoringRelease,
  type MonitoringReleaseProps,
  ProbeRun,
  Registry,
  RegistryAlerts,
  type RegistryAlertsProps,
  RegistryHost,
  type RegistryHostProps,
  RegistryIntegrityProbe,
  type RegistryIntegrityProbeProps,
  RegistryScrape,
  type RegistryScrapeProps,
  ScrapeTarget,
  ServiceCatalog,
  type ServiceCatalogProps,
  Ssh,
  writable,
} from "../../lib";
import type { RequiredKeys } from "../../lib/core/shape";

const runbookBaseUrl = "https://git.example.com/infra/blob/main";
const tls = { certificateFile: "/etc/tls/cert.pem", keyFile: "/etc/tls/key.pem" };

let folder = "";
let stack: TerraformStack;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-untyped-"));
  writeFileSync(join(folder, "tallyman.mjs"), "console.log('the program');\n");
  stack = new TerraformStack(new App({ outdir: join(folder, "out") }), "stack");
  new KubernetesProvider(stack, "kubernetes", {});
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Kinds of values of which a prop takes some, so that they are not wrong there. */
type Taken = "text" | "list" | "object" | "function";

interface Entry<Props> {
  readonly make: (props: Props) => Construct;
  readonly sound: () => Props;
  /** Every required prop; with what else than its own type it takes. */
  readonly required: Readonly<Record<RequiredKeys<Props> & string, readonly Taken[]>>;
}
const entry = <Props>(one: Entry<Props>): Entry<never> => one as unknown as Entry<never>;

const probe = (): RegistryIntegrityProbe<ProbeRun> =>
  new RegistryIntegrityProbe(stack, "of-it", {
    namespace: "monitoring",
    registries: [Registry.at("registry.example.com:5050")],
    run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
    programFile: join(folder, "tallyman.mjs"),
  });

const CONSTRUCTS: Readonly<Record<string, Entry<never>>> = {
  Artifact: entry<ArtifactProps>({
    make: (props) => new Artifact(stack, "it", props),
    sound: () => ({ path: "a/b.txt", content: "text" }),
    required: { path: ["text"], content: ["text", "function"] },
  }),
  IntegrityDashboard: entry<IntegrityDashboardProps>({
    make: (props) => new IntegrityDashboard(stack, "it", props),
    sound: () => ({ probe: probe(), runbookBaseUrl }),
    required: { probe: [], runbookBaseUrl: ["text"] },
  }),
  MonitoringRelease: entry<MonitoringReleaseProps>({
    make: (props) => new MonitoringRelease(stack, "it", props),
    sound: () => ({ namespace: "monitoring", chart: "prometheus" }),
    required: { namespace: ["text"], chart: [] },
  }),
  RegistryAlerts: entry<RegistryAlertsProps>({
    make: (props) => new RegistryAlerts(stack, "it", props),
    sound: () => ({ probe: probe(), sink: AlertSink.ruleFile(), runbookBaseUrl }),
    required: { probe: [], sink: [], runbookBaseUrl: ["text"] },
  }),
  RegistryHost: entry<RegistryHostProps>({
    make: (props) => new RegistryHost(stack, "it", props),
    sound: () => ({
      ssh: Ssh.to("192.0.2.10", { hostKey: `ssh-ed25519 ${"A".repeat(68)}` }),
      root: "/opt/registry",
      image: "registry:2.8.3",
      registries: {
        main: writable({ port: 5050, hostname: "registry.example.com", tls, htpasswdFile: "/etc/htpasswd" }),
      },
      programFile: join(folder, "tallyman.mjs"),
    }),
    required: { ssh: [], root: ["text"], image: ["text"], registries: [] },
  }),
  RegistryIntegrityProbe: entry<RegistryIntegrityProbeProps<ProbeRun>>({
    make: (props) => new RegistryIntegrityProbe(stack, "it", props),
    sound: () => ({
      namespace: "monitoring",
      registries: [Registry.at("registry.example.com:5050")],
      run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
      programFile: join(folder, "tallyman.mjs"),
    }),
    required: { namespace: ["text"], registries: [], run: [] },
  }),
  RegistryScrape: entry<RegistryScrapeProps>({
    make: (props) => new RegistryScrape(stack, "it", props),
    sound: () => ({
      namespace: "monitoring",
      registries: { main: ScrapeTarget.external({ addresses: ["192.0.2.10"], port: 5001 }) },
    }),
    required: { namespace: ["text"] },
  }),
  ServiceCatalog: entry<ServiceCatalogProps>({
    make: (props) => new ServiceCatalog(stack, "it", props),
    sound: () => ({ catalog: defineCatalog({ blog: { tier: "core", description: "Blog" } }) }),
    required: { catalog: [] },
  }),
};

const circular: Record<string, unknown> = {};
circular.itself = circular;
const WRONG: readonly (readonly [string, unknown, Taken | null])[] = [
  ["undefined", undefined, null],
  ["null", null, null],
  ["a number", 42, null],
  ["a large number", 42n, null],
  ["a boolean", true, null],
  ["a symbol", Symbol("it"), null],
  ["a text", "no such thing", "text"],
  ["a function", () => "it", "function"],
  ["a list", [undefined], "list"],
  ["an object", { it: null }, "object"],
  ["an object that holds itself", circular, "object"],
];

/** `<path> must <rule>, got <value>. <fix>`, each problem on a line of its own. */
function expectTold(make: () => unknown, prop: string): void {
  let told: unknown;
  try {
    make();
  } catch (error) {
    told = error;
  }
  expect(told).toMatchObject({ name: "ConfigurationError", code: "configuration" });
  const { message } = Object(told);
  for (const line of message.split("\n"))
    expect(line).toMatch(/^[A-Za-z][^ ]* must .+, got .+\. [A-Z].+[.:]?$/);
  expect(message.split("\n")[0]).toMatch(new RegExp(`^${prop}[.[ ]`));
}

test("every construct of the library is here", () => {
  const exported = Object.entries(library).filter(
    ([, one]) => typeof one === "function" && one.prototype instanceof Construct,
  );
  expect(Object.keys(CONSTRUCTS)).toEqual(exported.map(([name]) => name).sort());
});

describe.each(Object.entries(CONSTRUCTS))("%s", (_, { make, sound, required }) => {
  const from = (props: unknown) => make(props as never);

  test("takes what is sound", () => {
    expect(from(sound())).toBeInstanceOf(Construct);
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "x"],
    ["a list", []],
  ])("props that are %s", (_name, props) => {
    expectTold(() => from(props), "props");
  });

  test("no prop at all: each that is required is named", () => {
    let message = "";
    try {
      from({});
    } catch (error) {
      ({ message } = Object(error));
    }
    const paths = message.split("\n").map((line) => line.split(" ")[0]);
    expect(paths).toEqual(Object.keys(required));
  });

  const cases = Object.entries<readonly Taken[]>(required).flatMap(([prop, taken]) =>
    WRONG.filter(([, , kind]) => kind === null || !taken.includes(kind)).map(
      ([name, value]) => [prop, name, value] as const,
    ),
  );
  test.each(cases)("%s that is %s", (prop, _name, value) => {
    expectTold(() => from({ ...Object(sound()), [prop]: value }), prop);
  });
});

test.each<[string, string, () => unknown, string]>([
  [
    "RegistryIntegrityProbe",
    "run.pushgateway",
    () => ({ run: ProbeRun.cronJob({} as never) }),
    "run.pushgateway",
  ],
  [
    "RegistryIntegrityProbe",
    "a registry's name",
    () => ({ registries: [Registry.at(undefined as never)] }),
    "registries",
  ],
  ["RegistryHost", "a host's key", () => ({ ssh: Ssh.to("192.0.2.10", {} as never) }), "ssh.hostKey"],
  [
    "RegistryHost",
    "a registry's port",
    () => ({ registries: { main: writable({} as never) } }),
    "registries.main",
  ],
  [
    "RegistryScrape",
    "addresses",
    () => ({ registries: { main: ScrapeTarget.external({} as never) } }),
    "registries",
  ],
  [
    "RegistryScrape",
    "labels",
    () => ({ registries: { main: ScrapeTarget.service({} as never) } }),
    "registries",
  ],
])("%s without %s", (name, _what, change, path) => {
  const { make, sound } = CONSTRUCTS[name] as Entry<never>;
  expectTold(() => make({ ...Object(sound()), ...Object(change()) } as never), path.replace(/[.]/g, "\\."));
});
