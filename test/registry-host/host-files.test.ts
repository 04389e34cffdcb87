import fc from "fast-check";
import { Duration } from "../../lib/core/duration";
import { checkHost } from "../../lib/registry-host/checks";
import { checkDocuments } from "../../lib/registry-host/cross-check/check-documents";
import { parseNginx } from "../../lib/registry-host/documents/nginx-syntax";
import { hostFiles } from "../../lib/registry-host/host-files";
import { cacheOf, UpstreamCredentials, writable } from "../../lib/registry-host/host-registry";
import { hostSpec, type RegistryHostOptions } from "../../lib/registry-host/host-spec";
import {
  block,
  directive,
  type NginxDirective,
  renderNginx,
} from "../../lib/registry-host/nginx/nginx-directive";
import { parseYaml } from "../../lib/text/yaml";
import { ESTATE } from "./fixtures/estate-options";

const files = hostFiles(hostSpec(ESTATE));
const contentOf = (path: string): string => files.find((file) => file.path === path)?.content ?? "";

test("a release's files", () => {
  expect(files.map(({ path }) => path)).toEqual([
    "config-dockerhub.yml",
    "config-ghcr.yml",
    "config-k8s.yml",
    "config-kyverno.yml",
    "config-private.read-only.yml",
    "config-private.yml",
    "config-quay.yml",
    "docker-compose.yml",
    "logrotate/registry",
    "nginx.conf",
    "systemd/docker-compose-registry.service",
  ]);
});

test("the unit starts the release in force under the project's name", () => {
  const unit = contentOf("systemd/docker-compose-registry.service");
  const compose = "/usr/bin/docker compose -p registry -f /opt/registry/current/docker-compose.yml";
  expect(unit).toContain(`ExecStart=${compose} up -d --wait\n`);
  expect(unit).toContain(`ExecStop=${compose} stop\n`);
});

test("the front waits for every registry", () => {
  expect(parseYaml(contentOf("docker-compose.yml"))).toMatchObject({
    services: {
      "registry-nginx": {
        depends_on: Object.fromEntries(
          Object.keys(ESTATE.registries).map((name) => [
            `registry-${name}`,
            { condition: "service_healthy" },
          ]),
        ),
      },
    },
  });
});

const pathPart = fc.stringMatching(/^[a-z0-9._+@-]{1,12}$/).filter((part) => part !== "." && part !== "..");
const hostPath = fc.array(pathPart, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const name = fc
  .stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/)
  .filter((one) => !["ui", "nginx"].includes(one));
const purgeUploadsAfter = fc.integer({ min: 1, max: 1_000 }).map((hours) => Duration.hours(hours));
const port = fc.integer({ min: 1, max: 65_535 });
const registry = fc.oneof(
  fc
    .record({ port, file: hostPath, purgeUploadsAfter })
    .map(({ file, ...rest }) =>
      cacheOf("https://ghcr.io", { ...rest, credentials: UpstreamCredentials.envFile(file) }),
    ),
  fc
    .record({ port, certificateFile: hostPath, keyFile: hostPath, htpasswdFile: hostPath, purgeUploadsAfter })
    .map(({ certificateFile, keyFile, ...rest }) =>
      writable({ ...rest, hostname: "registry.example.com", tls: { certificateFile, keyFile } }),
    ),
);
const options: fc.Arbitrary<RegistryHostOptions> = fc
  .record({
    root: hostPath,
    dataRoot: hostPath,
    image: fc.constantFrom("registry:2.8.3", "registry:3.1.2"),
    registries: fc.dictionary(name, registry, { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
    metrics: fc.record({ port, allow: fc.constant(["10.0.0.0/8", "fd00::/8"]) }),
    withPage: fc.boolean(),
    page: fc.record({ port, canDelete: fc.boolean(), htpasswdFile: hostPath }),
  })
  .map(({ withPage, page, ...rest }) => {
    const [shown = ""] = Object.keys(rest.registries);
    return withPage ? { ...rest, ui: { registry: shown, ...page } } : rest;
  });

test("what checkHost takes gives documents that can be read and agree", () => {
  let sound = 0;
  fc.assert(
    fc.property(options, (one) => {
      if (checkHost(one).length > 0) return;
      sound += 1;
      const spec = hostSpec(one);
      expect(checkDocuments(spec, hostFiles(spec))).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(sound).toBeGreaterThan(10);
});

const argument = fc.string({ unit: "grapheme-ascii", maxLength: 12 });
const tree: fc.Arbitrary<readonly NginxDirective[]> = fc.letrec<{ nodes: readonly NginxDirective[] }>(
  (tie) => ({
    nodes: fc.array(
      fc
        .tuple(
          fc.stringMatching(/^[a-z_]{1,8}$/),
          fc.array(argument, { maxLength: 3 }),
          fc.option(tie("nodes")),
        )
        .map(([word, args, children]) =>
          children === null ? directive(word, ...args) : block(word, args, children),
        ),
      { maxLength: 3, depthIdentifier: "nginx" },
    ),
  }),
).nodes;

test("any argument is read back as it was", () => {
  const plain = (
    nodes: readonly { name: string; args: readonly string[]; block: readonly unknown[] | null }[],
  ): unknown =>
    nodes.map(({ name: word, args, block: children }) => [
      word,
      args,
      children === null ? null : plain(children as never),
    ]);
  fc.assert(
    fc.property(tree, (nodes) => {
      const { statements, error } = parseNginx(renderNginx(nodes));
      expect(error).toBeNull();
      expect(plain(statements)).toEqual(plain(nodes));
    }),
    { numRuns: 100 },
  );
});
