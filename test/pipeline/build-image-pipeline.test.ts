import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageLock } from "../../lib/core/image-lock";
import { BUILDX_PLUGIN_IMAGE, NODE_IMAGE } from "../../lib/core/versions";
import { buildImagePipeline, buildImageWorkflow } from "../../lib/pipeline/build-image-pipeline";
import type { BuildImageSpec } from "../../lib/pipeline/build-image-spec";
import { renderWoodpecker } from "../../lib/pipeline/woodpecker/render-woodpecker";
import { type ServedStep, scriptOf, serve, stepsOf } from "./woodpecker/woodpecker-server";
import { brokenRules } from "./woodpecker/workflow-rules";

const SHA = "1234e567abcdef0123456789abcdef0123456789";

let folder = "";
let spec: BuildImageSpec;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-build-image-"));
  const file = join(folder, "program.zlib");
  writeFileSync(file, "the program");
  spec = {
    image: "registry.example.com:5050/infra-ci",
    dockerfile: "ci/Dockerfile",
    context: "ci/",
    platforms: ["linux/amd64"],
    credentials: { username: "registry_user", password: "registry_password" },
    branch: "master",
    paths: ["ci/Dockerfile"],
    slackWebhook: "slack_webhook",
    verify: { program: { kind: "inline", file } },
  };
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function served(change: Partial<BuildImageSpec> = {}): Readonly<Record<string, unknown>> {
  return serve(buildImagePipeline({ ...spec, ...change }), { CI_COMMIT_SHA: SHA });
}

function stepOf(name: string, change: Partial<BuildImageSpec> = {}): ServedStep {
  const found = stepsOf(served(change)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}

describe("the file", () => {
  test("breaks no rule, with everything in the spec and with as little as can be", () => {
    expect(brokenRules(served())).toEqual([]);
    const { slackWebhook: _, dockerfile: _file, context: _context, ...least } = spec;
    const text = buildImagePipeline({ ...least, manual: false });
    expect(brokenRules(serve(text, { CI_COMMIT_SHA: SHA }))).toEqual([]);
    expect(stepsOf(serve(text)).map(({ name }) => name)).toEqual(["build-and-push", "verify-integrity"]);
    expect(text).not.toContain("event: manual");
    expect(text).not.toContain("--event manual");
  });

  test("runs for a push of the files to the branch, and by hand", () => {
    const { when, steps } = served();
    expect(when).toEqual([
      { event: "push", branch: "master", path: ["ci/Dockerfile"] },
      { event: "manual", branch: "master" },
    ]);
    expect(steps).toMatchObject([
      { name: "check-secrets", when: [{ event: "manual" }] },
      { name: "build-and-push" },
      { name: "verify-integrity" },
      { name: "notify-success", when: [{ status: "success" }], failure: "ignore" },
      { name: "notify-failure", when: [{ status: "failure" }], failure: "ignore" },
    ]);
  });

  test("pushes latest and the commit, and verifies both", () => {
    const { image, settings } = stepOf("build-and-push");
    expect(image).toBe(BUILDX_PLUGIN_IMAGE);
    expect(settings).toEqual({
      repo: "registry.example.com:5050/infra-ci",
      registry: "registry.example.com:5050",
      username: { from_secret: "registry_user" },
      password: { from_secret: "registry_password" },
      tags: ["latest", "1234e567"],
      platforms: ["linux/amd64"],
      dockerfile: "ci/Dockerfile",
      context: "ci/",
    });
    const verify = stepOf("verify-integrity");
    expect(verify.image).toBe(NODE_IMAGE);
    const script = verify.commands.join("\n");
    expect(script).toContain("registry.example.com:5050/infra-ci:latest");
    expect(script).toContain('infra-ci:$(printf %.8s "$CI_COMMIT_SHA")"');
    expect(script).toContain("--expect-platform=linux/amd64");
  });

  test("takes what the spec says: tags, attestation, settings, labels, where to run", () => {
    const file = served({
      tags: ["1.2.3", { variable: "CI_PIPELINE_NUMBER" }],
      provenance: false,
      privileged: true,
      settings: { build_args: ["A=$B"], cache_images: ["registry.example.com:5050/cache"] },
      labels: { arch: "amd64" },
      backendOptions: { kubernetes: { nodeSelector: { "kubernetes.io/arch": "amd64" } } },
    });
    expect(brokenRules(file)).toEqual([]);
    expect(file.labels).toEqual({ arch: "amd64" });
    expect(file.steps).toMatchObject(
      Array(5).fill({
        backend_options: { kubernetes: { nodeSelector: { "kubernetes.io/arch": "amd64" } } },
      }),
    );
    expect(stepsOf(file)[1]).toMatchObject({
      settings: { tags: ["1.2.3", ""], provenance: false, build_args: ["A=$B"] },
    });
    expect(file.steps).toMatchObject([{}, { privileged: true }, {}, {}, {}]);
  });

  test("says above itself what the server has to grant", () => {
    const text = buildImagePipeline(spec);
    expect(text).toContain(`#   WOODPECKER_PLUGINS_PRIVILEGED=${BUILDX_PLUGIN_IMAGE}\n`);
    for (const name of ["registry_user", "registry_password", "slack_webhook"]) {
      expect(text).toContain(`--name ${name} --event push --event manual\n`);
    }
    expect(buildImagePipeline({ ...spec, privileged: true })).not.toContain("PLUGINS_PRIVILEGED");
  });

  test("runs the digests of the lock, and the server is told that one too", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const entry = {
      status: "resolved",
      digest,
      mediaType: "application/vnd.oci.image.index.v1+json",
      resolvedAt: "2026-04-19T03:25:00.000Z",
      reason: null,
    } as const;
    const lock = ImageLock.EMPTY.with(NODE_IMAGE, entry).with(BUILDX_PLUGIN_IMAGE, entry);
    const text = buildImagePipeline({ ...spec, lock });
    expect(new Set(stepsOf(serve(text)).map(({ image }) => image))).toEqual(
      new Set([`${NODE_IMAGE}@${digest}`, `${BUILDX_PLUGIN_IMAGE}@${digest}`]),
    );
    expect(text).toContain(`WOODPECKER_PLUGINS_PRIVILEGED=${BUILDX_PLUGIN_IMAGE}@${digest}\n`);
  });

  test("is a model that may be changed before it is rendered", () => {
    const workflow = buildImageWorkflow(spec);
    const text = renderWoodpecker({ ...workflow, labels: { own: "yes" } });
    expect(serve(text)).toMatchObject({ labels: { own: "yes" } });
  });
});

test("every script is a shell's, after every layer of escaping", () => {
  for (const { commands } of stepsOf(served()).filter((one) => one.commands.length > 0)) {
    const { status, stderr } = spawnSync("sh", ["-n"], { input: scriptOf(commands), encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  }
});

describe("a manual run", () => {
  function check(env: Readonly<Record<string, string>>) {
    const { commands, environment } = stepOf("check-secrets");
    expect(environment).toEqual({
      SECRET_1: { from_secret: "registry_user" },
      SECRET_2: { from_secret: "registry_password" },
    });
    return spawnSync("sh", ["-e"], {
      input: scriptOf(commands),
      env: { PATH: process.env.PATH, ...env },
      encoding: "utf8",
    });
  }

  test("goes on with its secrets, which nothing prints", () => {
    const { status, stdout, stderr } = check({ SECRET_1: "somebody", SECRET_2: "hunter2" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toMatch(/somebody|hunter2/);
  });

  test("stops before the build without them, and says of each how to grant it", () => {
    const { status, stderr } = check({});
    expect(status).toBe(64);
    const lines = stderr.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("The secret registry_user is empty");
    expect(lines[1]).toContain(
      'Settings, Secrets, edit registry_password: tick Manual at "Available at the following events"',
    );
    expect(check({ SECRET_1: "somebody" }).stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("the message to Slack", () => {
  const PATH = "/services/T0/B0/a-secret-path";
  let server: Server;
  let url = "";
  let bodies: string[] = [];
  let status = 200;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        bodies.push(`${request.method} ${request.url} ${body}`);
        const isMoved = status >= 300 && status < 400;
        response.writeHead(status, isMoved ? { location: "/elsewhere" } : {}).end("a-secret-path");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    url = `http://127.0.0.1:${port}${PATH}`;
  });

  beforeEach(() => {
    bodies = [];
    status = 200;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function send(
    name: string,
    webhook: string,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const { commands, environment } = stepOf(name);
    expect(environment.SLACK_WEBHOOK).toEqual({ from_secret: "slack_webhook" });
    const env = {
      PATH: process.env.PATH,
      SLACK_WEBHOOK: webhook,
      SLACK_TEXT: String(environment.SLACK_TEXT),
      CI_PIPELINE_URL: "https://ci.example.com/repos/1/pipeline/7?a=<b>&c",
    };
    const child = spawn("sh", ["-e"], { env, stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.stdin.end(scriptOf(commands));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, output };
  }

  test.each([
    ["notify-success", "Pushed and proven whole"],
    ["notify-failure", "Not proven whole, the build or its verification failed"],
  ])("%s names the image, its tags and the run", async (name, words) => {
    const { code, output } = await send(name, url);
    expect({ code, isLeaked: output.includes("a-secret-path") }).toEqual({ code: 0, isLeaked: false });
    const run = "https://ci.example.com/repos/1/pipeline/7?a=&lt;b&gt;&amp;c";
    const text = `${words}: registry.example.com:5050/infra-ci:latest, :1234e567 ${run}`;
    expect(bodies).toEqual([`POST ${PATH} ${JSON.stringify({ text })}`]);
  });

  test.each<[string, number, string, RegExp]>([
    ["refused", 403, "", /No message was sent: Slack answered 403/],
    ["sent elsewhere", 302, "", /No message was sent: TypeError/],
    ["without a secret", 200, "none", /is empty or no URL\. Grant it to this event/],
    ["without a server", 200, "http://127.0.0.1:1/a-secret-path", /No message was sent: TypeError/],
  ])("%s, it fails without telling the address", async (_, answer, webhook, why) => {
    status = answer;
    const { code, output } = await send(
      "notify-success",
      webhook === "" ? url : webhook === "none" ? "" : webhook,
    );
    expect(code).toBe(1);
    expect(output).toMatch(why);
    expect(output).not.toContain("a-secret-path");
    expect(bodies.length).toBeLessThanOrEqual(1);
  });
});

describe("what is refused", () => {
  test.each<[string, Partial<BuildImageSpec>, string]>([
    ["a floating plugin", { pluginImage: "woodpeckerci/plugin-docker-buildx" }, "pluginImage must be pinned"],
    ["a floating Node", { nodeImage: "node:22" }, "nodeImage must be pinned: its tag moves"],
    ["no tags", { tags: [] }, "tags must not be empty"],
    ["a bad tag", { tags: ["a b"] }, 'tags[0] must be a tag, got "a b"'],
    [
      "a bad length",
      { tags: [{ variable: "CI_COMMIT_SHA", firstCharacters: 0 }] },
      "tags[0].firstCharacters must be",
    ],
    ["an image with a tag", { image: "registry.example.com/a:latest" }, "neither tag nor digest"],
    ["an image without registry", { image: "infra-ci" }, "image must have a registry"],
    ["an image with a scheme", { image: "http://registry.example.com/a" }, "image must have no scheme"],
    ["no image", { image: "" }, "image must name an image"],
    ["another repo", { settings: { repo: "b/c" } }, "settings.repo must be left to the spec"],
    ["tags beside tags", { settings: { "auto-tag": true } }, "settings.auto-tag must not be used"],
    ["a dry run", { settings: { "dry-run": true } }, "settings.dry-run must not be used"],
    ["a path of the machine", { dockerfile: "/etc/passwd" }, "dockerfile must be a path in the repository"],
    ["a path out of the repository", { context: "../x" }, "context must be a path in the repository"],
    ["no paths", { paths: [] }, "when[0].path must name a file"],
    ["no secret", { credentials: { username: "", password: "b" } }, "credentials.username.secret must"],
  ])("%s", (_, change, expected) => {
    expect(() => buildImagePipeline({ ...spec, ...change })).toThrow(expected);
  });

  test("several at once", () => {
    expect(() => buildImagePipeline({ ...spec, tags: [], pluginImage: "a:latest" })).toThrow(
      /pluginImage must be pinned[\s\S]*tags must not be empty/,
    );
  });
});
