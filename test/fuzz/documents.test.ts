/** Files of other people: Compose, nginx, cron, shell, HCL, distribution's configuration, accept files, pods, locks. */
import fc from "fast-check";
import { renderAuditGithub, renderAuditTable } from "../../lib/cli/audit/render-audit";
import { Duration } from "../../lib/core/duration";
import { ImageLock, ImageLockError } from "../../lib/core/image-lock";
import { ImagePin } from "../../lib/core/image-pin";
import { ConfigurationError } from "../../lib/core/problem";
import { Schedule } from "../../lib/core/schedule";
import { parseUntil } from "../../lib/core/until";
import { AcceptFileError, parseAcceptFile } from "../../lib/integrity/accept";
import { parseByteSlice } from "../../lib/integrity/byte-slice";
import { PodListError, parsePodList } from "../../lib/integrity/retention/in-use";
import { auditFiles } from "../../lib/registry-host/audit/audit-files";
import { kindOfContent } from "../../lib/registry-host/audit/document-kind";
import { readComposeServices } from "../../lib/registry-host/documents/compose-document";
import { parseCronLine } from "../../lib/registry-host/documents/cron-line";
import { readDistributionConfig } from "../../lib/registry-host/documents/distribution-document";
import { hclStrings } from "../../lib/registry-host/documents/hcl-strings";
import { readImageName } from "../../lib/registry-host/documents/image-name";
import { parseNginx } from "../../lib/registry-host/documents/nginx-syntax";
import { commandsThroughout, parseShell } from "../../lib/registry-host/documents/shell-commands";
import { parseYaml, renderYaml, type YamlValue } from "../../lib/text/yaml";
import { parseYamlTrees } from "../../lib/text/yaml-tree";
import { fuzz, only, plainly } from "./fuzz";
import { expectLinear, repeated } from "./growth";
import { mutated, mutatedJson } from "./mutated";

const COMPOSE = `services:
  registry-private:
    image: registry:2.8.3
    restart: always
    ports: ["5050:5000", "127.0.0.1:5001:5001/tcp", {target: 5000, published: 5050}]
    volumes:
      - ./config.yml:/etc/docker/registry/config.yml:ro
      - type: bind
        source: /opt/data
        target: /var/lib/registry
    environment: {REGISTRY_STORAGE_DELETE_ENABLED: "true"}
    healthcheck: {test: ["CMD", "wget", "-q", "http://localhost"], interval: 30s}
  nginx: &n
    image: nginx:alpine
    volumes: [/opt/nginx.conf:/etc/nginx/nginx.conf:ro]
x: *n
`;
const CONFIG = `version: 0.1
storage:
  filesystem: {rootdirectory: /var/lib/registry}
  delete: {enabled: true}
  cache: {blobdescriptor: inmemory}
http:
  addr: :5000
  debug: {addr: ":5001", prometheus: {enabled: true}}
proxy: {remoteurl: https://registry-1.docker.io, ttl: 168h}
`;
const NGINX = `events {}
http {
  upstream registry { server 127.0.0.1:5000 max_fails=3; keepalive 8; }
  map $http_x $y { default ""; "~^a{2}" 'b'; }
  server {
    listen 5050 ssl; # comment
    server_name registry.example.com;
    location ~* "^/v2/.*$" { proxy_pass http://registry; proxy_set_header Host $http_host; return 200 "a;b{c}"; }
    content_by_lua_block { if a then ngx.say("}") end }
  }
}
`;
const CRON = `PATH=/usr/bin
0 3 * * 0 root docker exec registry registry garbage-collect -m /etc/docker/registry/config.yml >/dev/null 2>&1
*/15 * * * * root /usr/bin/find /var/lib/registry -mtime +7 -delete
@daily root docker image prune -af # weekly
`;
const SHELL = `#!/bin/bash
set -e
DIR="/var/lib/registry"
cat > /etc/cron.d/gc <<'EOF'
${CRON}EOF
for t in $(ls "$DIR"); do rm -rf "$DIR/docker/registry/v2/repositories/$t/_manifests/tags/old"; done
docker-compose -f /opt/registry/docker-compose.yml exec -T registry registry garbage-collect --delete-untagged /c.yml && docker restart registry
ssh host "bash -c 'curl -X DELETE http://localhost:5000/v2/a/manifests/sha256:abc'" | tee log
`;
const HCL = `resource "null_resource" "registry" {
  provisioner "remote-exec" {
    inline = ["docker run registry:2", "echo \${var.x} %{ if true }y%{ endif }"]
  }
  content = <<-EOT
    services:
      registry: {image: "registry:2"}
  EOT
  # comment /* no */
  value = jsonencode({a = "b\\n\\u00e9"})
}
`;
const FILES = {
  "docker-compose.yml": COMPOSE,
  "config.yml": CONFIG,
  "nginx.conf": NGINX,
  "cron.d/registry": CRON,
  "setup.sh": SHELL,
  "main.tf": HCL,
};
const all = Object.values(FILES);

fuzz("YAML, as values and as trees with lines", mutated([COMPOSE, CONFIG]), (text) => {
  const value = only([ConfigurationError], () => parseYaml(text, "file"));
  const { trees } = parseYamlTrees(text);
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const tree of trees)
    if (tree !== null) {
      expect(tree.line).toBeGreaterThanOrEqual(1);
      expect(tree.line).toBeLessThanOrEqual(lines);
      readComposeServices(tree);
      readDistributionConfig(tree);
    }
  if (isPlain(value)) expect(parseYaml(renderYaml(value))).toEqual(value);
});

fuzz("nginx's syntax", mutated([NGINX]), (text) => {
  const { statements } = parseNginx(text);
  expect(JSON.stringify(statements).length).toBeLessThan(200 * text.length + 1_000);
});

fuzz("shell, cron and HCL", mutated([SHELL, CRON, HCL]), (text) => {
  const lines = text.split("\n").length;
  for (const { line } of parseShell(text).commands) expect(line <= lines && line >= 1).toBe(true);
  expect(commandsThroughout(text).length).toBeLessThanOrEqual(10 * text.length + 10);
  for (const line of text.split("\n")) parseCronLine(line);
  for (const { line } of hclStrings(text)) expect(line <= lines && line >= 1).toBe(true);
});

fuzz(
  "an audit of a repository, in words for a terminal and for annotations",
  fc.record(Object.fromEntries(Object.entries(FILES).map(([path, text]) => [path, mutated([text, ...all])]))),
  (files) => {
    const audited = Object.entries(files).map(([path, text]) => ({ path: `${path}`, text: text ?? "" }));
    const { findings, accepted, unparsed, auditedFiles } = auditFiles(audited);
    for (const { file, line } of findings) {
      const text = audited.find(({ path }) => path === file)?.text;
      expect(line >= 1 && line <= (text?.split("\n").length ?? 0)).toBe(true);
    }
    const skipped = { binary: 0, large: 0, symlinks: 0 };
    const report = {
      schema: "tallyman.audit/1" as const,
      findings,
      accepted,
      unread: unparsed.map((one) => ({ ...one, text: one.text })),
      checked: { files: audited.length, audited: auditedFiles, skipped },
    };
    for (const text of [renderAuditTable(report), renderAuditGithub(report)])
      expect(text).toBe(plainly(text));
  },
);

const ACCEPT = {
  accept: [
    { repository: "team/app", digest: `sha256:${"a".repeat(64)}`, until: "2026-12-31", reason: "known" },
    { repository: "team/app", tag: "old", until: "2026-12-31T10:00:00Z", reason: "known" },
  ],
};
const PODS = {
  kind: "PodList",
  items: [
    {
      kind: "Pod",
      spec: { containers: [{ image: "registry.example.com:5050/a:1" }], initContainers: [{ image: "b" }] },
      status: {
        containerStatuses: [{ image: "x", imageID: `docker-pullable://x@sha256:${"b".repeat(64)}` }],
      },
    },
  ],
};
const LOCK = {
  schema: "tallyman.lock/1",
  images: [
    {
      image: "registry:2.8.3",
      digest: `sha256:${"c".repeat(64)}`,
      mediaType: "application/json",
      resolvedAt: "2026-01-01T00:00:00Z",
    },
  ],
};
const texts = (value: unknown) => fc.oneof(mutatedJson([value]), mutated([JSON.stringify(value)]));

fuzz("an accept file", texts(ACCEPT), (text) => {
  for (const { untilMs } of only([AcceptFileError], () => parseAcceptFile(text)) ?? [])
    expect(Number.isFinite(untilMs)).toBe(true);
});
fuzz("a list of pods", texts(PODS), (text) => {
  expect(only([PodListError], () => parsePodList(text))?.pods ?? 1).toBeGreaterThan(0);
});
fuzz("a lock of images", texts(LOCK), (text) => {
  only([ImageLockError, ConfigurationError], () => ImageLock.parse(text));
});

fuzz(
  "values with a grammar",
  mutated(["15m", "1h30m", "*/15 0-6 * * 1,3-5", "registry:2.8.3@sha256:abc", "3/7", "2026-12-31"]),
  (text) => {
    const duration = only([ConfigurationError], () => Duration.parse(text));
    if (duration !== null) expect(Number.isSafeInteger(duration.toMilliseconds())).toBe(true);
    only([ConfigurationError], () => Schedule.parse(text));
    only([ConfigurationError], () => ImagePin.of(text));
    const until = parseUntil(text);
    if (until !== null) expect(Number.isFinite(until)).toBe(true);
    parseByteSlice(text);
    readImageName(text);
  },
);

describe("four times the text costs some four times as much", () => {
  const PARTS = [
    "a: ",
    "- ",
    "  ",
    "\n",
    "'",
    '"',
    "|\n",
    "[",
    "{",
    ",",
    "&a ",
    "*a",
    "#",
    "<<EOF\n",
    "EOF\n",
    "$(",
    "\\",
    ";",
    "}",
    "(",
    "`",
    "a ",
    "a=",
    "${",
    "%{",
    "*/",
    "/*",
    "server {",
    "\t",
  ];
  fuzz("nginx", repeated(PARTS), (make) => expectLinear(parseNginx, make));
  fuzz("shell", repeated(PARTS), (make) => expectLinear(parseShell, make));
  fuzz("commands within commands", repeated(PARTS), (make) => expectLinear(commandsThroughout, make));
  fuzz("HCL", repeated(PARTS), (make) => expectLinear(hclStrings, make));
  fuzz("cron", repeated(["* ", "*/1 ", "0", ",", "-", " ", "\t", "@daily", "a=", "#"]), (make) =>
    expectLinear(parseCronLine, make),
  );
  fuzz("schedules", repeated(["* ", "*/1 ", "0", ",", "-", " ", "0-59,"]), (make) =>
    expectLinear((text) => Schedule.parse(text), make),
  );
  fuzz(
    "an audit",
    repeated([...PARTS, ...CRON.split("\n"), ...SHELL.split("\n"), ...COMPOSE.split("\n")]),
    (make) => expectLinear((text) => auditFiles(Object.keys(FILES).map((path) => ({ path, text }))), make),
    6,
  );
  // Found by the long form.
  test("an assignment with blanks behind it", () => {
    expectLinear(parseShell, (chars) => `a=b${"\t".repeat(chars)}a`);
  });
  // Found by trying all texts of one or two parts again and again, and by reading the regular expressions.
  test.each<[string, (text: string) => unknown, (chars: number) => string]>([
    [
      "blank lines in what may be nginx's",
      (text) => kindOfContent(text),
      (chars) => `${"\n".repeat(chars)}a`,
    ],
    [
      "a port of many dots",
      (text) => parseYamlTrees(text).trees.map((tree) => tree !== null && readComposeServices(tree)),
      (chars) => `services: {a: {image: "registry:2.8.3", ports: ["${"1.".repeat(chars / 2)}"]}}`,
    ],
    [
      "blanks in what an acceptance gives as its reason",
      (text) => auditFiles([{ path: "setup.sh", text }]),
      (chars) => `a # tallyman: accept x a${" ".repeat(2 * chars)}b`,
    ],
    ["Lua's brackets", parseNginx, (chars) => `content_by_lua_block {${"[".repeat(chars)}`],
    ["Lua's brackets with signs", parseNginx, (chars) => `content_by_lua_block {${"[=".repeat(2 * chars)}`],
    ["Lua's comments", parseNginx, (chars) => `content_by_lua_block {${"--[[\n".repeat(chars)}`],
    ["a Lua string of quotes", parseNginx, (chars) => `content_by_lua_block {${'"\\'.repeat(chars / 2)}`],
    ["a YAML text of line breaks", (text) => renderYaml({ a: text }), (chars) => `${"\n".repeat(chars)}a`],
  ])("%s", (_, read, make) => expectLinear(read, make));
});

/** What renderYaml takes: no dates, no numbers that JSON has not. */
function isPlain(value: unknown): value is YamlValue {
  try {
    return (
      JSON.stringify(JSON.parse(JSON.stringify(value))) === JSON.stringify(value) &&
      !JSON.stringify(value).includes("__proto__") &&
      !/[^\x20-\x7e]/.test(JSON.stringify(value))
    );
  } catch {
    return false;
  }
}
