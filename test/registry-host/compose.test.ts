import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv2019 from "ajv/dist/2019";
import { hostFiles } from "../../lib/registry-host/host-files";
import { cacheOf, UpstreamCredentials } from "../../lib/registry-host/host-registry";
import { hostSpec } from "../../lib/registry-host/host-spec";
import { parseYaml } from "../../lib/text/yaml";
import { recordMissingTool } from "../support/require-terraform";
import { findTool, requireTool } from "../support/require-tool";
import { ESTATE } from "./fixtures/estate-options";

let folder: string;
let text: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-compose-"));
  // Compose reads env files when it reads the file.
  const envFile = join(folder, "upstream.env");
  writeFileSync(envFile, "REGISTRY_PROXY_USERNAME=reader\nREGISTRY_PROXY_PASSWORD=secret\n");
  const credentials = UpstreamCredentials.envFile(envFile);
  const dockerhub = cacheOf("https://registry-1.docker.io", { port: 5000, credentials });
  const spec = hostSpec({ ...ESTATE, registries: { ...ESTATE.registries, dockerhub } });
  text = hostFiles(spec).find(({ path }) => path === "docker-compose.yml")?.content ?? "";
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MUTANTS = [
  ["an unknown key of a service", "    restart: always", "    restarts: always"],
  ["a port that is no number", "5010:5010", "5010:fifty"],
  ["an unknown key at the top", "networks:\n  registry:", "network:\n  registry:"],
] as const;

/** What Compose 1.29 lets pass. */
const LATER_MUTANTS = [
  ["a network that is not there", "      - registry\n", "      - registries\n"],
  ["a port beyond 65535", "5010:5010", "70000:5010"],
  ["a duration with a word for its unit", "interval: 30s", "interval: 30 seconds"],
  [
    "a dependency that is not there",
    "      registry-ghcr:\n        condition",
    "      registry-gcr:\n        condition",
  ],
] as const;

const mutate = (from: string, to: string): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

function composeRefusal(command: string, content: string): string | null {
  const file = join(folder, "docker-compose.yml");
  writeFileSync(file, content);
  const args = ["-p", "registry", "-f", file, "config", "-q"];
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 30_000 });
  return status === 0 ? null : stderr;
}

describe("Compose 1.29", () => {
  test("takes it", () => {
    expect(composeRefusal(requireTool("docker-compose"), text)).toBeNull();
  });
  test.each(MUTANTS)("refuses %s", (_, from, to) => {
    expect(composeRefusal(requireTool("docker-compose"), mutate(from, to))).not.toBeNull();
  });
});

const compose2 = findTool("docker-compose-2");
if (compose2 === null) recordMissingTool("docker-compose-2", "Compose 2 reads the host's Compose file");
describe("Compose 2", () => {
  test("takes it", () => {
    if (compose2 !== null) expect(composeRefusal(compose2, text)).toBeNull();
  });
  test.each([...MUTANTS, ...LATER_MUTANTS])("refuses %s", (_, from, to) => {
    if (compose2 !== null) expect(composeRefusal(compose2, mutate(from, to))).not.toBeNull();
  });
});

describe("the schema", () => {
  const validate = schemaValidator();
  test("takes it", () => {
    expect(validate(parseYaml(text))).toBe(true);
  });
  test.each([
    ["an unknown key of a service", "    restart: always", "    restarts: always"],
    ["an unknown key at the top", "networks:\n  registry:", "network:\n  registry:"],
    ["retries that are no number", "retries: 3", "retries: [3]"],
    ["a dependency's unknown condition", "condition: service_healthy", "condition: service_well"],
  ])("refuses %s", (_, from, to) => {
    expect(validate(parseYaml(mutate(from, to)))).toBe(false);
  });
});

/** Of ports and durations it knows only that they are texts. */
function schemaValidator(): (value: unknown) => boolean {
  const path = join(__dirname, "../../node_modules/dclint/schemas/compose.schema.json");
  // It names its meta-schema by an address that nobody serves.
  const { $schema: _, ...schema } = JSON.parse(readFileSync(path, "utf8"));
  return new Ajv2019({ strict: false }).compile(schema);
}

test("private credentials are in no file of the release", () => {
  expect(text).not.toMatch(/secret(?!s)|reader/);
});
