import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../lib/cli/arguments";
import { credentialSource } from "../../lib/cli/credentials";
import { processEnvironment } from "../../lib/cli/environment";

let folder: string;
let config: string;
let warnings: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-credentials-"));
  config = join(folder, "config.json");
  warnings = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function source(
  env: Record<string, string>,
  dockerConfig: string | null = null,
  hosts: readonly string[] = ["a.example"],
) {
  return credentialSource({ ...processEnvironment(), env }, dockerConfig, hosts, (message) =>
    warnings.push(message),
  );
}

const auths = (host: string, pair: string) =>
  JSON.stringify({ auths: { [host]: { auth: Buffer.from(pair).toString("base64") } } });
const direct = { TALLYMAN_USERNAME: "me", TALLYMAN_PASSWORD: "hunter2" };

test("the two variables come first", () => {
  writeFileSync(config, auths("a.example", "other:word"));
  expect(
    source({ ...direct, TALLYMAN_CREDENTIALS_DIR: folder, DOCKER_CONFIG: folder }, config)("a.example"),
  ).toEqual({ username: "me", password: "hunter2" });
});

test.each([
  [{}],
  [{ TALLYMAN_USERNAME: "", TALLYMAN_PASSWORD: "" }],
  [{ TALLYMAN_USERNAME: "me", TALLYMAN_PASSWORD: "" }],
  [{ TALLYMAN_USERNAME: "", TALLYMAN_PASSWORD: "hunter2" }],
  [{ TALLYMAN_CREDENTIALS_DIR: "", DOCKER_CONFIG: "" }],
])("%j is anonymous", (env) => {
  expect(source(env)("a.example")).toBeNull();
});

test("then the folder, without the line feed that an editor left", () => {
  writeFileSync(join(folder, "username"), "me\n");
  writeFileSync(join(folder, "password"), "hunter2");
  writeFileSync(config, auths("a.example", "other:word"));
  expect(source({ TALLYMAN_CREDENTIALS_DIR: folder }, config)("a.example")).toEqual({
    username: "me",
    password: "hunter2",
  });
});

test("a folder without the files is named by its variable", () => {
  expect(() => source({ TALLYMAN_CREDENTIALS_DIR: folder })).toThrow(UsageError);
  expect(() => source({ TALLYMAN_CREDENTIALS_DIR: folder })).toThrow(
    "TALLYMAN_CREDENTIALS_DIR must hold the files username and password (ENOENT)",
  );
});

test("then the Docker config by host: the option's before the variable's", () => {
  writeFileSync(config, auths("a.example", "me:hunter2"));
  const other = mkdtempSync(join(folder, "other-"));
  writeFileSync(join(other, "config.json"), auths("a.example", "other:word"));
  expect(source({ DOCKER_CONFIG: other })("a.example")).toEqual({ username: "other", password: "word" });
  expect(source({ DOCKER_CONFIG: other }, config)("a.example")).toEqual({
    username: "me",
    password: "hunter2",
  });
  expect(source({ DOCKER_CONFIG: other }, config)("b.example")).toBeNull();
});

test("a DOCKER_CONFIG without a file is anonymous; an option that names none is an error", () => {
  expect(source({ DOCKER_CONFIG: folder })("a.example")).toBeNull();
  expect(() => source({}, config)).toThrow("--docker-config must name a readable file");
});

test("a Docker config that is none is an error without its content", () => {
  writeFileSync(config, '{"auths":{"a.example":{"auth":"hunter2!"}}}');
  expect(() => source({}, config)("a.example")).toThrow(UsageError);
  expect(() => source({}, config)("a.example")).toThrow(
    /^the Docker config ".*config\.json" must have base64/,
  );
  expect(() => source({}, config)("a.example")).not.toThrow(/hunter2/);
});

test("a credential helper is not executed, which is said", () => {
  writeFileSync(config, '{"credsStore":"desktop"}');
  expect(source({}, config)("a.example")).toBeNull();
  expect(warnings).toEqual([expect.stringContaining('credential helper "desktop"')]);
});

test("what belongs to one registry is refused for several, a Docker config is not", () => {
  const hosts = ["a.example", "b.example"];
  expect(() => source(direct, null, hosts)).toThrow(
    "belong to one registry, and there are 2 (a.example, b.example)",
  );
  writeFileSync(config, auths("b.example", "me:hunter2"));
  expect(hosts.map(source({}, config, hosts))).toEqual([null, { username: "me", password: "hunter2" }]);
});
