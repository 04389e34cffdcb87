import { formatProblem } from "../../lib/core/problem";
import { checkDocuments } from "../../lib/registry-host/cross-check/check-documents";
import type { HostFile } from "../../lib/registry-host/host-file";
import { hostFiles } from "../../lib/registry-host/host-files";
import { hostSpec } from "../../lib/registry-host/host-spec";
import { ESTATE } from "./fixtures/estate-options";
import { SEED_FILES } from "./fixtures/seed-host";

const spec = hostSpec({
  ...ESTATE,
  ui: { ...ESTATE.ui, canDelete: true, htpasswdFile: "/opt/registry/auth/ui" },
});
const good = hostFiles(spec);
const said = (files: readonly HostFile[]) => checkDocuments(spec, files).map(formatProblem);

test("the host's own documents agree", () => {
  expect(said(good)).toEqual([]);
});

describe("the estate as it was", () => {
  const found = said(SEED_FILES);
  test.each([
    ["5020 without a server", /^registries\.quay, nginx_registry\.conf must have a server on port 5020/],
    ["5030 without a server", /^registries\.k8s, nginx_registry\.conf must have a server on port 5030/],
    ["5040 without a server", /^registries\.kyverno, nginx_registry\.conf must have a server on port 5040/],
    ["5040 published all the same", /services\.registry-nginx\.ports must lead to a server of .*, got 5040/],
    ["nginx floats", /services\.registry-nginx\.image must be pinned.*nginx:alpine/],
    ["the page floats", /services\.registry-ui\.image must be pinned.*latest/],
    ["the page deletes", /services\.registry-ui\.ports must not offer to delete without a password/],
    [
      "debug is published",
      /services\.registry-dockerhub\.ports must not publish its debug listener, got 5001/,
    ],
    [
      "nginx.conf is not delivered",
      /services\.registry-nginx\.volumes must mount a file of the release.*nginx\.conf/,
    ],
    [
      "an upstream by name",
      /server 5000, location \/ must not be resolved once and for all, got "registry-dockerhub"/,
    ],
    [
      "a literal proxy_pass",
      /server 5050, location \/ must not be resolved once and for all, got "registry-private"/,
    ],
    ["maxsize", /registry-ghcr\.config: storage\.filesystem\.maxsize must be left out/],
    ["ttl", /registry-ghcr\.config: proxy\.ttl must be left out/],
    ["no metrics", /^registries\.private, nginx_registry\.conf must have its metrics on port 5001/],
  ])("%s", (_, problem) => {
    expect(found.filter((line) => problem.test(line))).toHaveLength(1);
  });
});

describe("one change to good documents", () => {
  test.each([
    ["nginx.conf", "listen 5020;", "listen 5021;", /must have a server on port 5020/],
    [
      "nginx.conf",
      "set $registry_ghcr registry-ghcr;",
      "set $registry_ghcr registry-private;",
      /must lead to registry-ghcr on port 5010/,
    ],
    ["nginx.conf", "http://$registry_quay:5000", "http://registry-quay:5000", /not be resolved once/],
    ["nginx.conf", /resolver 127.*;/, "", /must have a resolver/],
    ["nginx.conf", "= /metrics/ghcr", "/metrics/ghcr", /serve metrics alone/],
    ["nginx.conf", "deny all;\n      set $registry_quay", "set $registry_quay", /serve metrics alone/],
    ["nginx.conf", "auth_basic registry-ui;", "auth_basic off;", /not offer to delete without a password/],
    ["nginx.conf", "listen 5050 ssl", "listen 5050", /speak TLS on port 5050/],
    ["nginx.conf", "events {", "events {{", /be nginx's syntax/],
    ["docker-compose.yml", "127.0.0.1:5000/v2/", "127.0.0.1:5002/v2/", /test the service's own listener/],
    ["docker-compose.yml", "127.0.0.1:5000/v2/", "registry-ghcr:5000/v2/", /test the service's own listener/],
    [
      "docker-compose.yml",
      "127.0.0.1:5001/healthz",
      "127.0.0.1:5099/healthz",
      /test the service's own listener/,
    ],
    ["docker-compose.yml", "- 5030:5030", "- 5031:5030", /be published by the front on port 5030/],
    ["docker-compose.yml", "- 5030:5030", "- 5040:5040", /not publish what registry-nginx does/],
    [
      "docker-compose.yml",
      "    healthcheck:",
      "    ports: [5001]\n    healthcheck:",
      /not publish its debug listener/,
    ],
    ["docker-compose.yml", "current/nginx.conf", "current/nginx.cnf", /mount a file of the release/],
    ["docker-compose.yml", "/opt/registry/auth/htpasswd:", "/etc/shadow:", /mount a file of the release/],
    [
      "docker-compose.yml",
      "condition: service_healthy\n      registry-quay:",
      "condition: service_healthy\n      registry-qay:",
      /name a service, got "registry-qay"/,
    ],
    [
      "docker-compose.yml",
      /tallyman.sha256.nginx.conf: [0-9a-f]{8}/,
      "tallyman.sha256.nginx.conf: 00000000",
      /be the hash of that file/,
    ],
    [
      "docker-compose.yml",
      "  registry-kyverno:\n    image",
      "  registry-kyvern:\n    image",
      /have the service registry-kyverno/,
    ],
    ["docker-compose.yml", "services:", "services: [", /be one YAML document/],
  ])("%s: %s to %s", (path, from, to, problem) => {
    const changed = good.map((file) =>
      file.path === path ? { ...file, content: file.content.replace(from, () => to) } : file,
    );
    expect(changed.find((file) => file.path === path)?.content).not.toBe(
      good.find((file) => file.path === path)?.content,
    );
    expect(said(changed)).toContainEqual(expect.stringMatching(problem));
  });

  test.each(["docker-compose.yml", "nginx.conf"])("%s left out", (path) => {
    expect(said(good.filter((file) => file.path !== path))).toContainEqual(
      `${path} must be there, got nothing. Add it to the release.`,
    );
  });
});
