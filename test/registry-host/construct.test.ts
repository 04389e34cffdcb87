import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { ConfigurationError } from "../../lib/core/problem";
import { NGINX_IMAGE, NODE_IMAGE } from "../../lib/core/versions";
import { RegistryHost, type RegistryHostProps } from "../../lib/registry-host/registry-host";
import { Ssh } from "../../lib/registry-host/ssh";
import { smallHost } from "../support/estate-host";
import { StandInHost } from "../support/stand-in-host";

const KEY = `ssh-ed25519 ${"A".repeat(68)}`;

let folder = "";
let host: StandInHost;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-construct-"));
  host = StandInHost.create();
  writeFileSync(join(folder, "program.mjs"), "program");
});

afterEach(() => {
  host.remove();
  rmSync(folder, { recursive: true, force: true });
});

type Names = "dockerhub" | "private";

function props(more: Partial<RegistryHostProps<Names>> = {}): RegistryHostProps<Names> {
  return {
    ...smallHost(host),
    ssh: Ssh.to("192.0.2.10", { hostKey: KEY }),
    programFile: join(folder, "program.mjs"),
    ...more,
  };
}

function synthesize(more: Partial<RegistryHostProps<Names>> = {}) {
  const app = new App({ outdir: join(folder, "out") });
  const stack = new TerraformStack(app, "registry");
  const built = new RegistryHost(stack, "host", props(more));
  app.synth();
  const text = readFileSync(join(folder, "out/stacks/registry/cdk.tf.json"), "utf8");
  const parsed: unknown = JSON.parse(text);
  const deployment = only(at(parsed, "resource", "terraform_data"));
  return { built, text, deployment };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => new Map(Object.entries(found ?? {})).get(key), value);
}

function only(value: unknown): unknown {
  const [first, ...rest] = Object.values(value ?? {});
  expect(rest).toEqual([]);
  return first;
}

test("the plan shows each file's text and the program's hash, and nothing that follows from them", () => {
  const { built, deployment } = synthesize();
  const triggers = new Map(Object.entries(at(deployment, "triggers_replace") ?? {}));
  expect([...triggers.keys()].sort()).toEqual(built.release.manifest.files.map(({ path }) => path).sort());
  expect(triggers.get("tallyman-host.mjs")).toMatch(/^[0-9a-f]{64}$/);
  expect(triggers.get("docker-compose.yml")).toContain("registry-private:");
});

test("every file is uploaded to a folder of the attempt's own before anything is run", () => {
  const { built, deployment } = synthesize();
  const provisioners = at(deployment, "provisioner");
  if (!Array.isArray(provisioners)) throw new Error("no provisioners");
  const kinds = provisioners.map((one: unknown) => Object.keys(one ?? {}).join());
  expect(kinds.at(0)).toBe("remote-exec");
  expect(kinds.at(-1)).toBe("remote-exec");
  expect(kinds.slice(1, -1).every((kind) => kind === "file")).toBe(true);
  const destinations = provisioners.slice(1, -1).map((one: unknown) => at(one, "file", "destination"));
  const incoming = `${host.root}/incoming/${built.release.id}-\${self.id}`;
  const expected = ["upload.list", "tallyman-host.mjs", "activate.sh"];
  expect([...destinations].sort()).toEqual(expected.map((path) => `${incoming}/${path}`).sort());
  const list = `${at(provisioners[1], "file", "content")}`.trimEnd().split("\n");
  expect(list.map((line) => line.split(" ")[0]).sort()).toEqual(
    built.release.files.map(({ path }) => path).sort(),
  );
  expect(list).toContain(`nginx.conf \${base64encode(self.triggers_replace["nginx.conf"])}`);
});

test("the host is known by its key, and the private key stays a path", () => {
  const hostless = synthesize();
  expect(at(hostless.deployment, "connection")).toMatchObject({
    type: "ssh",
    host: "192.0.2.10",
    user: "root",
    port: 22,
    host_key: KEY,
    agent: "true",
  });
  const ssh = Ssh.to("192.0.2.10", {
    hostKey: KEY,
    privateKeyFile: "~/.ssh/deploy",
    port: 2222,
    user: "ops",
  });
  expect(at(synthesize({ ssh }).deployment, "connection")).toMatchObject({
    agent: "false",
    port: 2222,
    user: "ops",
    private_key: `\${file(pathexpand("~/.ssh/deploy"))}`,
  });
});

test("artifacts: each file, release.json and images.json", () => {
  const { built } = synthesize();
  const artifact = (path: string) => readFileSync(join(folder, "out/artifacts/registry-host", path), "utf8");
  for (const { path } of built.release.manifest.files.filter((one) => one.path !== "tallyman-host.mjs")) {
    expect(artifact(path)).toBe(built.release.files.find((one) => one.path === path)?.content);
  }
  expect(JSON.parse(artifact("release.json"))).toEqual(built.release.manifest);
  expect(JSON.parse(artifact("images.json"))).toEqual({
    schema: "tallyman.images/1",
    images: ["registry:2.8.3", NGINX_IMAGE, NODE_IMAGE],
  });
});

test("registries are known by their names, with what a probe needs", () => {
  const { built } = synthesize();
  expect(built.registries.private).toEqual({ host: "registry.example.com:5050", address: "192.0.2.10:5050" });
  expect(built.registries.dockerhub).toEqual({ host: "192.0.2.10:5000", address: "192.0.2.10:5000" });
  // @ts-expect-error a name that no registry has
  expect(built.registries.ghcr).toBeUndefined();
});

test("what is named for adoption is part of the plan only while it is named", () => {
  const adopt = { remove: [`crontab: 0 0 * * * echo \${X:0:8} %{http_code}`], keep: ["/etc/cron.d/backup"] };
  expect(at(synthesize({ adopt }).deployment, "triggers_replace")).toMatchObject({
    "adopt.remove": `crontab: 0 0 * * * echo $\${X:0:8} %%{http_code}`,
    "adopt.keep": "/etc/cron.d/backup",
  });
});

test("all that is wrong is told together", () => {
  const wrong = {
    image: "registry:2",
    ssh: Ssh.to("ssh://192.0.2.10", {
      hostKey: "",
      port: 0,
      privateKeyFile: "key",
      timeout: "soon",
      user: "Root!",
    }),
    adopt: { remove: ["the cron job", "/etc/cron.d/x"], keep: ["/etc/cron.d/x"] },
    keepReleases: 1,
    programFile: join(folder, "nothing.mjs"),
  };
  let error: unknown = null;
  try {
    synthesize(wrong);
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof ConfigurationError)) throw new Error(`not refused: ${error}`);
  expect(error.problems.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      "image",
      "ssh.host",
      "ssh.hostKey",
      "ssh.user",
      "ssh.port",
      "ssh.privateKeyFile",
      "ssh.timeout",
      "adopt.remove[0]",
      "adopt.keep",
      "keepReleases",
      "programFile",
    ]),
  );
});

test.each([
  ["two lines", `${KEY}\n${KEY}`],
  ["with the name before", `192.0.2.10 ${KEY}`],
  ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----"],
  ["a fingerprint", "SHA256:abcdefghijklmnopqrstuvwxyz0123456789abcdefg"],
])("a host key, %s, is refused", (_, hostKey) => {
  expect(() => synthesize({ ssh: Ssh.to("192.0.2.10", { hostKey }) })).toThrow(
    "ssh.hostKey must be the host's public key",
  );
});
