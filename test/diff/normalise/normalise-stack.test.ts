// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own templates
import { createHash } from "node:crypto";
import fc from "fast-check";
import { ConfigurationError } from "../../../lib/core/problem";
import { normaliseStack } from "../../../lib/diff/normalise/normalise-stack";
import { escapeTerraform } from "../../../lib/terraform/escape";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function valuesOf(body: Record<string, unknown>, type = "kubernetes_config_map_v1"): unknown {
  return normaliseStack("s", { resource: { [type]: { a: body } } }).resources.get(`${type}.a`)?.values;
}

test("resources by address, with the construct's path and without metadata", () => {
  const stack = normaliseStack("monitoring", {
    "//": { metadata: { version: "0.21.0", stackName: "monitoring" }, outputs: {} },
    resource: {
      kubernetes_namespace: {
        b_1: { "//": { metadata: { path: "monitoring/b", uniqueId: "b_1" } }, metadata: { name: "b" } },
      },
      aaa: { c: { x: { "//": "a user's own" } } },
    },
    data: { http: { d: { url: "https://example.com" } } },
    provider: { kubernetes: [{ "//": {}, config_path: "x" }] },
    variable: { v: { "//": { metadata: {} }, type: "string" } },
    terraform: { required_providers: { kubernetes: { version: "2.38.0" } } },
    moved: [{ from: "a.b", to: "a.c" }],
  });
  expect([...stack.resources]).toEqual([
    [
      "data.http.d",
      {
        address: "data.http.d",
        type: "http",
        id: "d",
        constructPath: null,
        values: { url: "https://example.com" },
      },
    ],
    [
      "aaa.c",
      {
        address: "aaa.c",
        type: "aaa",
        id: "c",
        constructPath: null,
        values: { x: { "//": "a user's own" } },
      },
    ],
    [
      "kubernetes_namespace.b_1",
      {
        address: "kubernetes_namespace.b_1",
        type: "kubernetes_namespace",
        id: "b_1",
        constructPath: "monitoring/b",
        values: { metadata: { name: "b" } },
      },
    ],
  ]);
  expect(stack.settings).toEqual({
    provider: { kubernetes: [{ config_path: "x" }] },
    variable: { v: { type: "string" } },
    terraform: { required_providers: { kubernetes: { version: "2.38.0" } } },
    moved: [{ from: "a.b", to: "a.c" }],
  });
});

test("the order of keys says nothing", () => {
  const text = (json: unknown) => JSON.stringify([...normaliseStack("s", json).resources]);
  const one = { resource: { b: { y: { k: 1, a: { d: 1, c: 2 } } }, a: { x: {} } } };
  const other = { resource: { a: { x: {} }, b: { y: { a: { c: 2, d: 1 }, k: 1 } } } };
  expect(text(other)).toBe(text(one));
});

describe("templates", () => {
  test.each<[string, unknown]>([
    ["${var.x}", "${var.x}"],
    ["$${x}", "$${x}"],
    ["one\n$${x}\n", "one\n${x}\n"],
    ["one\n${var.x}\n", "one\n${terraform:var.x}\n"],
    ['{"uid":"$${datasource}"}', { "(document)": { uid: "${datasource}" } }],
    ['{"uid":"${var.uid}"}', { "(document)": { uid: "${terraform:var.uid}" } }],
    ["curl -w '%%{http_code}'\ntrue\n", "curl -w '%{http_code}'\ntrue\n"],
  ])("%j", (raw, value) => {
    expect(valuesOf({ x: raw })).toEqual({ x: value });
  });

  test("no two strings that Terraform tells apart become one, but as documents", () => {
    const unit = fc.constantFrom("$", "%", "{", "}", "a", "\n");
    fc.assert(
      fc.property(fc.string({ unit }), fc.string({ unit }), (a, b) => {
        const [one, other] = [valuesOf({ x: `~${a}` }), valuesOf({ x: `~${b}` })];
        expect(JSON.stringify(one) === JSON.stringify(other)).toBe(a === b);
      }),
    );
  });
});

test("documents in documents in documents", () => {
  const rules = "groups:\n  - name: a\n    rules: []\n";
  const configMap = JSON.stringify({ kind: "ConfigMap", data: { "rules.yml": rules } });
  const values = `extra:\n  map: ${JSON.stringify(configMap)}\nother: 1\n`;
  expect(valuesOf({ values: [escapeTerraform(values)] }, "helm_release")).toEqual({
    values: [
      {
        "(document)": {
          extra: {
            map: {
              "(document)": {
                kind: "ConfigMap",
                data: { "rules.yml": { "(document)": { groups: [{ name: "a", rules: [] }] } } },
              },
            },
          },
          other: 1,
        },
      },
    ],
  });
  const nested = (depth: number): string => (depth === 0 ? "{}" : JSON.stringify({ a: nested(depth - 1) }));
  const deep = JSON.stringify(valuesOf({ x: nested(12) }));
  expect(deep.split("(document)")).toHaveLength(7);
});

describe("hashes", () => {
  const content = "listen 80;\nserver_name a;\n";
  const hash = sha256(content);
  const other = sha256("something that is not in the output");

  test("of what stands in the stack are placeholders, wherever they stand alone", () => {
    const labels = JSON.stringify({ labels: { "tallyman.sha256.nginx.conf": hash } });
    expect(
      valuesOf({ triggers_replace: { "nginx.conf": content, "docker-compose.yml": labels }, sum: hash }),
    ).toEqual({
      triggers_replace: {
        "nginx.conf": content,
        "docker-compose.yml": { "(document)": { labels: { "tallyman.sha256.nginx.conf": "<hash>" } } },
      },
      sum: "<hash>",
    });
  });

  test("of an escaped text is that of the text", () => {
    const script = "#!/bin/sh\necho ${1:-}\n";
    expect(valuesOf({ a: escapeTerraform(script), b: sha256(script) })).toEqual({ a: script, b: "<hash>" });
  });

  test.each([
    ["a hash of what is not in the output", { a: content, annotations: { "checksum/config": other } }],
    ["a digest", { a: content, b: `sha256:${hash}` }],
    ["an image's pin", { a: content, image: `registry:2.8.3@sha256:${hash}` }],
    ["a pin in a command", { a: content, args: [`--sha256=${hash}`] }],
    ["a version of other rules", { a: content, version: `1.0.0+${other.slice(0, 12)}` }],
    ["a commit", { a: content, ref: "98f718c8a1b2c3d4e5f60718293a4b5c6d7e8f90" }],
  ])("%s stays", (_what, body) => {
    expect(valuesOf(body)).toEqual(body);
  });

  test("of assets, releases, lists of sums and versions are placeholders", () => {
    expect(
      valuesOf({
        program:
          '${sensitive(file("assets/probe_program_B7D53FDF/E20E5579B7A752A0B690051DEBA26C4A/tallyman.mjs"))}',
        chart: `./assets/rules_chart_1A2B3C4D/${hash}`,
        path: "${path.module}/assets/x/d0ec74c19f9e221e/nginx.conf",
        destination: "/opt/registry/incoming/6d4339cd49d4ff9d-${self.id}/upload.list",
        script: "#!/bin/sh\nID='6d4339cd49d4ff9d'\n",
        nginx: content,
        list: `${hash}  nginx.conf\n${other}  other\n`,
        version: `1.0.0+${hash.slice(0, 12)}`,
      }),
    ).toEqual({
      program: '${sensitive(file("assets/<hash>/tallyman.mjs"))}',
      chart: "assets/<hash>",
      path: "${path.module}/assets/<hash>/nginx.conf",
      destination: "/opt/registry/incoming/<hash>-${self.id}/upload.list",
      script: "#!/bin/sh\nID='<hash>'\n",
      nginx: content,
      list: `<hash>  nginx.conf\n${other}  other\n`,
      version: "1.0.0+<hash>",
    });
  });
});

test("a state's absolute path is known by its name, a relative one stays", () => {
  const backend = (path: string) =>
    normaliseStack("s", { terraform: { backend: { local: { path } } } }).settings;
  expect(backend("/home/a/infra/terraform.s.tfstate")).toEqual({
    terraform: { backend: { local: { path: "<folder>/terraform.s.tfstate" } } },
  });
  expect(backend("../../../s.tfstate")).toEqual({
    terraform: { backend: { local: { path: "../../../s.tfstate" } } },
  });
  const read = { backend: "local", config: { path: "/home/a/terraform.s.tfstate" } };
  const stack = normaliseStack("s", { data: { terraform_remote_state: { r: read } } });
  expect(stack.resources.get("data.terraform_remote_state.r")?.values).toEqual({
    backend: "local",
    config: { path: "<folder>/terraform.s.tfstate" },
  });
});

test.each<[unknown, string]>([
  [[], "stacks/s/cdk.tf.json must be an object"],
  [null, "stacks/s/cdk.tf.json must be an object"],
  [{ resource: [] }, "stacks/s/cdk.tf.json resource must be an object"],
  [{ resource: { a: 1 } }, "stacks/s/cdk.tf.json resource.a must be an object"],
  [{ data: { a: { b: "x" } } }, "stacks/s/cdk.tf.json data.a.b must be an object"],
])("%j is no stack", (json, message) => {
  expect(() => normaliseStack("s", json)).toThrow(ConfigurationError);
  expect(() => normaliseStack("s", json)).toThrow(message);
});

test("a key that every object inherits is a key like others", () => {
  const json: unknown = JSON.parse('{"resource":{"a":{"b":{"__proto__":{"x":1},"constructor":"y"}}}}');
  const values = normaliseStack("s", json).resources.get("a.b")?.values ?? {};
  expect(JSON.stringify(values)).toBe('{"__proto__":{"x":1},"constructor":"y"}');
});
