/** Where credentials come from, and what a registry that asks for them makes of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, EmbeddedRegistry } from "../../lib/testing";
import { Distribution } from "../support/distribution";
import { htpasswdLine } from "../support/htpasswd";
import { deleteRevisionLink } from "../support/storage-damage";
import { damageOf, reportOf, type TallymanRun, tallyman } from "../support/tallyman";
import { firstChild, twoPlatforms } from "../support/two-platforms";
import { writeImage } from "../support/write-image";

const CREDENTIALS = { username: "reader", password: "p4ss:w0rd-secret" };
const ENV = { TALLYMAN_USERNAME: CREDENTIALS.username, TALLYMAN_PASSWORD: CREDENTIALS.password };
const BASE64 = Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-credentials-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
  return path;
}

function expectNoSecret({ stdout, stderr }: TallymanRun): void {
  for (const secret of [CREDENTIALS.password, BASE64]) expect(stdout + stderr).not.toContain(secret);
}

describe("docker-registry with htpasswd", () => {
  let registry: Distribution;
  const app = twoPlatforms("credentials/app");

  beforeAll(async () => {
    const { username, password } = CREDENTIALS;
    const htpasswdFile = file("htpasswd", `${htpasswdLine(username, password)}\n`);
    registry = await Distribution.start({ htpasswdFile });
    writeImage(registry.root, "app", "1", app);
  });

  afterAll(() => registry?.stop());

  const both = (): string[][] => [
    ["probe", registry.url],
    ["verify", `${registry.url}/app:1`],
  ];

  test("the right ones: whole", async () => {
    for (const words of both()) {
      const run = await reportOf(words, { env: ENV });
      expect([run.exitCode, run.report.complete, run.report.checked.blobs]).toEqual([0, true, 6]);
      expectNoSecret(run);
    }
  });

  test.each([
    ["wrong ones", { ...ENV, TALLYMAN_PASSWORD: "battery staple" }],
    ["none", {}],
    ["empty ones, which are none", { TALLYMAN_USERNAME: "", TALLYMAN_PASSWORD: "" }],
  ])("%s: unauthorized, neither whole nor damaged", async (_which, env) => {
    for (const words of both()) {
      const run = await reportOf(words, { env });
      expect([run.exitCode, run.report.findings]).toEqual([2, []]);
      expect(run.report.undetermined.map(({ reason }) => reason)).toEqual(["unauthorized"]);
      expect(run.stdout + run.stderr).not.toContain("battery staple");
    }
  });

  test("the right ones over plain HTTP: with one warning, for a second look too", async () => {
    const verify = ["verify", `${registry.url}/app:1`, "--recheck-after", "1ms"];
    for (const words of [["probe", registry.url], verify]) {
      const { exitCode, stderr } = await reportOf(words, { env: ENV });
      expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^tallyman: [^\n]*plain[^\n]*\n$/i)]);
    }
  });

  // Last: it damages the image.
  test("the right ones, and a lost child: damage", async () => {
    deleteRevisionLink(registry.root, "app", firstChild(app).digest);
    for (const words of both()) {
      const run = await reportOf(words, { env: ENV });
      expect([run.exitCode, damageOf(run.report)]).toEqual([1, ["index_child_missing app 1 [linux/amd64]"]]);
      expectNoSecret(run);
    }
  });
});

describe("on the embedded registry", () => {
  let registry: EmbeddedRegistry;
  const image = buildImage({ seed: "credentials" });

  beforeAll(async () => {
    registry = await EmbeddedRegistry.start({ auth: { basic: CREDENTIALS } });
    registry.put("app", "1", image);
  });

  afterAll(() => registry.close());

  const probe = (env: Record<string, string>, ...words: string[]): Promise<TallymanRun> =>
    tallyman(["probe", registry.url, "--rate", "0", ...words], { env });

  describe("TALLYMAN_CREDENTIALS_DIR", () => {
    function mount(name: string, files: Record<string, string>): string {
      mkdirSync(join(folder, name), { recursive: true });
      for (const [key, content] of Object.entries(files)) file(join(name, key), content);
      return join(folder, name);
    }

    test("is a mounted Secret: the files username and password", async () => {
      const directory = mount("secret", { username: "reader\n", password: CREDENTIALS.password });
      const run = await probe({ TALLYMAN_CREDENTIALS_DIR: directory });
      expect(run.exitCode).toBe(0);
      expectNoSecret(run);
    });

    test("with empty files means anonymous", async () => {
      const directory = mount("empty", { username: "", password: "" });
      expect((await probe({ TALLYMAN_CREDENTIALS_DIR: directory })).exitCode).toBe(2);
    });

    test("without them is refused: 64", async () => {
      const directory = mount("half", { username: "reader" });
      const { exitCode, stderr } = await probe({ TALLYMAN_CREDENTIALS_DIR: directory });
      expect([exitCode, stderr]).toEqual([64, expect.stringContaining("ENOENT")]);
    });

    test("yields to the two variables", async () => {
      const directory = mount("other", { username: "other", password: "other" });
      expect((await probe({ TALLYMAN_CREDENTIALS_DIR: directory, ...ENV })).exitCode).toBe(0);
    });
  });

  describe("a Docker config", () => {
    const auths = (...hosts: string[]) => ({
      auths: Object.fromEntries(hosts.map((host) => [host, { auth: BASE64 }])),
    });

    test("is read by host", async () => {
      const own = file("own.json", auths("elsewhere.example.com", registry.host));
      const run = await probe({}, "--docker-config", own);
      expect(run.exitCode).toBe(0);
      expectNoSecret(run);
      const other = file("other.json", auths("elsewhere.example.com", "127.0.0.1:1"));
      expect((await probe({}, "--docker-config", other)).exitCode).toBe(2);
    });

    test("is found by DOCKER_CONFIG, where there is one", async () => {
      file("config.json", auths(registry.host));
      expect((await probe({ DOCKER_CONFIG: folder })).exitCode).toBe(0);
      expect((await probe({ DOCKER_CONFIG: join(folder, "none") })).exitCode).toBe(2);
    });

    test("serves images on several registries, each with its own", async () => {
      const second = await EmbeddedRegistry.start({
        auth: { basic: { ...CREDENTIALS, username: "second" } },
      });
      try {
        second.put("app", "1", image);
        const auth = Buffer.from(`second:${CREDENTIALS.password}`).toString("base64");
        const config = file("both.json", {
          auths: { [registry.host]: { auth: BASE64 }, [second.host]: { auth } },
        });
        const words = ["verify", `${registry.url}/app:1`, `${second.url}/app:1`, "--docker-config", config];
        const run = await tallyman([...words, "--rate", "0"]);
        expect(run.exitCode).toBe(0);
        expectNoSecret(run);
      } finally {
        await second.close();
      }
    });

    test("that names a helper says in one line that it is not executed", async () => {
      const config = file("helper.json", { credsStore: "desktop" });
      const line =
        /^tallyman: the Docker config names the credential helper "desktop" \(credsStore\) for [\d.:]+: helpers are not executed[^\n]*\n$/;
      const run = await probe({}, "--docker-config", config);
      expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(line)]);
      // Two looks at an image that anyone may read are no reason to say it twice.
      const open = await EmbeddedRegistry.start();
      try {
        open.put("app", "1", image);
        const words = ["verify", `${open.url}/app:1`, "--docker-config", config, "--recheck-after", "1ms"];
        const verified = await tallyman([...words, "--rate", "0"]);
        expect([verified.exitCode, verified.stderr]).toEqual([0, expect.stringMatching(line)]);
      } finally {
        await open.close();
      }
    });

    test.each([
      ["no such file", null, "ENOENT"],
      ["no JSON", "auths:", "must be a JSON object"],
      ["no base64", { auths: { HOST: { auth: "reader:secret-in-clear" } } }, "must have base64"],
    ])("%s: 64, and nothing of it is shown", async (_what, content, why) => {
      const text = JSON.stringify(content ?? "").replace("HOST", registry.host);
      const path =
        content === null ? join(folder, "no.json") : file("bad.json", content === "auths:" ? content : text);
      const { exitCode, stdout, stderr } = await probe({}, "--docker-config", path);
      expect([exitCode, stdout, stderr]).toEqual([64, "", expect.stringContaining(why)]);
      expect(stderr).not.toContain("secret-in-clear");
    });
  });

  test.each(["https://reader:s3cret@HOST", "reader:s3cret@HOST"])(
    "credentials on the command line are refused and not repeated: %s",
    async (form) => {
      const { exitCode, stderr } = await tallyman(["probe", form.replace("HOST", registry.host)]);
      expect([exitCode, stderr.includes("s3cret")]).toEqual([64, false]);
      const image = await tallyman(["verify", `${form.replace("HOST", registry.host)}/app:1`]);
      expect([image.exitCode, image.stderr.includes("s3cret")]).toEqual([64, false]);
    },
  );
});
