import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialsFromDirectory, parseDockerConfig } from "../../lib/registry-client/credentials";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const ada = { username: "ada", password: "pw:1" };

describe("a Docker config", () => {
  test.each([
    ["registry.example", { "registry.example": { auth: base64("ada:pw:1") } }, ada],
    ["registry.example:5000", { "registry.example:5000": { username: "ada", password: "pw:1" } }, ada],
    ["registry.example", { "https://registry.example/v1/": { auth: base64("ada:pw:1") } }, ada],
    ["registry.example", { "Registry.Example/v2": { auth: base64("ada:pw:1\0\0") } }, ada],
    ["registry.example", { "registry.example:443": { auth: base64("ada:pw:1") } }, ada],
    ["registry-1.docker.io", { "https://index.docker.io/v1/": { auth: base64("ada:pw:1") } }, ada],
    ["docker.io", { "registry-1.docker.io": { auth: base64("ada:pw:1") } }, ada],
    [
      "registry.example",
      {
        "https://registry.example": { auth: base64("old:old") },
        "registry.example": { auth: base64("ada:pw:1") },
      },
      ada,
    ],
    [
      "registry.example",
      { "registry.example": { auth: base64("x:y"), identitytoken: "t" } },
      { identityToken: "t" },
    ],
    ["registry.example", { "registry.example": {} }, null],
    ["registry.example", { "registry.example": { auth: base64("ada:") } }, null],
    ["registry.example", { "registry.example": { username: "", password: "x" } }, null],
    ["registry.example", { "other.example": { auth: base64("ada:pw:1") } }, null],
    ["registry.example", { "registry.example:5000": { auth: base64("ada:pw:1") } }, null],
    ["registry.example", { "registry.example.evil": { auth: base64("ada:pw:1") } }, null],
  ])("for %s in %j", (host, auths, credentials) => {
    expect(parseDockerConfig(JSON.stringify({ auths }), host)).toEqual({
      credentials,
      notice: null,
      problem: null,
    });
  });

  test.each([
    ["{", "must be a JSON object"],
    ["[]", "must be a JSON object"],
    ['{"auths": []}', "must have an object at auths"],
    ['{"auths": {"r": 1}}', 'must have an object at auths["r"]'],
    ['{"auths": {"r": {"auth": "$$$secret$$$"}}}', 'must have base64 of user:password at auths["r"].auth'],
    [
      `{"auths": {"r": {"auth": "${base64("nocolon")}"}}}`,
      'must have base64 of user:password at auths["r"].auth',
    ],
  ])("%s is a problem", (text, problem) => {
    expect(parseDockerConfig(text, "r")).toEqual({ credentials: null, notice: null, problem });
  });

  test("a helper is named, not executed, and only where nothing else is there", () => {
    const store = { credsStore: "desktop" };
    expect(parseDockerConfig(JSON.stringify(store), "r").notice).toContain('"desktop" (credsStore) for r');
    const helpers = { ...store, credHelpers: { r: "ecr-login" } };
    expect(parseDockerConfig(JSON.stringify(helpers), "r").notice).toContain(
      '"ecr-login" (credHelpers) for r',
    );
    const both = { ...helpers, auths: { r: { auth: base64("ada:pw:1") } } };
    expect(parseDockerConfig(JSON.stringify(both), "r")).toEqual({
      credentials: ada,
      notice: null,
      problem: null,
    });
    expect(parseDockerConfig("{}", "r").notice).toBeNull();
  });
});

describe("a folder", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-credentials-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each([
    ["ada\n", "pw:1\r\n", ada],
    ["ada", " pw \n\n", { username: "ada", password: " pw \n" }],
    ["ada", "", null],
    ["\n", "pw", null],
  ])("%j and %j", (username, password, expected) => {
    writeFileSync(join(folder, "username"), username);
    writeFileSync(join(folder, "password"), password);
    expect(credentialsFromDirectory(folder)).toEqual(expected);
  });

  test("a missing file is the file system's error", () => {
    writeFileSync(join(folder, "username"), "ada");
    expect(() => credentialsFromDirectory(folder)).toThrow("ENOENT");
  });
});
