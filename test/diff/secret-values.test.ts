// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own templates
import fc from "fast-check";
import type { Place } from "../../lib/diff/delta";
import { isJsonObject, type Json } from "../../lib/diff/json";
import { normaliseArtifact } from "../../lib/diff/normalise/normalise-artifact";
import { normaliseStack } from "../../lib/diff/normalise/normalise-stack";
import type { SynthesizedOutput } from "../../lib/diff/output";
import { findSecretValues, maskDelta, maskSecrets, SECRET } from "../../lib/diff/secret-values";
import { escapeTerraform, escapeTerraformTree, type TerraformValue } from "../../lib/terraform/escape";

type Body = { readonly [key: string]: TerraformValue };

function outputOf(json: unknown, artifacts: Readonly<Record<string, string>> = {}): SynthesizedOutput {
  return {
    stacks: new Map([["s", normaliseStack("s", json)]]),
    artifacts: new Map(
      Object.entries(artifacts).map(([path, text]) => [path, normaliseArtifact(path, Buffer.from(text))]),
    ),
  };
}

const resource = (type: string, body: Body) => outputOf({ resource: { [type]: { a: body } } });
const pathsOf = (output: SynthesizedOutput) => findSecretValues(output).map(({ path }) => path.join(" "));

function masked(output: SynthesizedOutput): string {
  const all: Json[] = [];
  for (const [stack, { resources, settings }] of output.stacks) {
    all.push(maskSecrets(settings, { place: { kind: "settings", stack } }));
    for (const [address, { values }] of resources) {
      all.push(maskSecrets(values, { place: { kind: "resource", stack, address } }));
    }
  }
  for (const [path, artifact] of output.artifacts) {
    const place: Place = { kind: "artifact", path };
    if (artifact.kind === "data") all.push(maskSecrets(artifact.value, { place }));
    if (artifact.kind === "text") all.push(maskSecrets(artifact.text, { place }));
  }
  return JSON.stringify(all);
}

const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc+/=\n-----END RSA PRIVATE KEY-----\n";
const BCRYPT = `$2y$05$${"a./Z9".repeat(10)}bcd`;

describe("a secret in plain text", () => {
  test.each<[string, string, Body, string]>([
    ["data of a Secret", "kubernetes_secret", { data: { user: "ada", k: "${var.k}" } }, "data user"],
    ["data of a Secret, version 1", "kubernetes_secret_v1", { data: { k: "x" } }, "data k"],
    ["data that looks like a variable", "kubernetes_secret_v1", { data: { k: "$HOME" } }, "data k"],
    ["write-only data", "kubernetes_secret_v1", { data_wo: { k: "x" } }, "data_wo k"],
    [
      "a document in a Secret",
      "kubernetes_secret_v1",
      { data: { "a.yml": "user: a\nhost: b\n" } },
      "data a.yml",
    ],
    ["binary data", "kubernetes_secret_v1", { binary_data: { k: "eA==" } }, "binary_data k"],
    [
      "a manifest of a Secret",
      "kubernetes_manifest",
      { manifest: { kind: "Secret", stringData: { user: "ada" } } },
      "manifest stringData user",
    ],
    ["a password", "x", { password: "hunter2" }, "password"],
    ["a password of digits", "x", { db: { password: 123456 } }, "db password"],
    ["a long name", "x", { registry_admin_password: "hunter2" }, "registry_admin_password"],
    ["camel case", "x", { adminPassword: "prom-operator" }, "adminPassword"],
    ["a token", "x", { api_token: "d1f2e3A4b5c6D7e8f9" }, "api_token"],
    ["a client's secret", "x", { clientSecret: "words" }, "clientSecret"],
    ["a private key", "x", { connection: { private_key: "abc" } }, "connection private_key"],
    ["write-only", "x", { password_wo: "hunter2", password_wo_version: 1 }, "password_wo"],
    ["several", "x", { password: ["a", "${var.b}"] }, "password 0"],
    [
      "an environment variable",
      "x",
      { env: [{ name: "DB_PASSWORD", value: "a" }] },
      "env name=DB_PASSWORD value",
    ],
    [
      "a value of Helm's",
      "helm_release",
      { set: [{ name: "auth.password", value: "a" }] },
      "set name=auth.password value",
    ],
    ["an assignment", "x", { environment: ["A=b", "POSTGRES_PASSWORD=abc"] }, "environment 1"],
    ["an option", "x", { args: ["--admin-password=abc"] }, "args 0"],
    [
      "values of Helm's as YAML",
      "helm_release",
      { values: ["grafana:\n  adminPassword: a\n"] },
      "values 0 (document) grafana adminPassword",
    ],
    ["a key in PEM", "x", { file: PEM }, "file"],
    ["a token in a script", "x", { script: `set -e\nexport T=ghp_${"a1".repeat(18)}\n` }, "script"],
    ["a key of AWS", "x", { note: "AKIAIOSFODNN7EXAMPLE" }, "note"],
    ["a JSON Web Token", "x", { note: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN" }, "note"],
    ["a token of Slack", "x", { note: "xoxb-123456789012-abcdef" }, "note"],
    ["a webhook of Slack", "x", { url: "https://hooks.slack.com/services/T000/B000/abcdefghijkl" }, "url"],
    ["a token of Docker Hub", "x", { note: "dckr_pat_abcdefghijklmnop_-q" }, "note"],
    ["a password in a URL", "x", { url: "https://user:pass@example.com/x" }, "url"],
    ["a password in a URL without user", "x", { url: "redis://:pass@example.com" }, "url"],
    ["a line of htpasswd", "x", { file: `ada:${BCRYPT}\n` }, "file"],
    ["an old line of htpasswd", "x", { file: "ada:$apr1$abcdefgh$0123456789012345678901" }, "file"],
    ["a header", "x", { header: "Authorization: Basic YTpodW50ZXIy" }, "header"],
    [
      "credentials of Docker's",
      "kubernetes_config_map",
      { data: { ".dockerconfigjson": '{"auths":{"r.example.com":{"auth":"YTpi","email":"a@b"}}}' } },
      "data .dockerconfigjson (document) auths r.example.com auth",
    ],
  ])("%s", (_what, type, body, path) => {
    const output = resource(type, body);
    expect(pathsOf(output)).toEqual([path]);
    expect(findSecretValues(output)[0]?.place).toEqual({
      kind: "resource",
      stack: "s",
      address: `${type}.a`,
    });
    expect(masked(output)).toContain(SECRET);
  });

  test("in settings and in artifacts", () => {
    const output = outputOf(
      {
        variable: { db_password: { default: "hunter2", type: "string" }, region: { default: "x" } },
        output: { admin_token: { value: "aA1bB2cC3dD4" } },
        provider: { helm: [{ registry: [{ url: "oci://x", password: "hunter2" }] }] },
      },
      {
        "a.yml": "password: hunter2\n",
        "secret.yml":
          "kind: Secret\nmetadata:\n  name: x\ndata:\n  a: YQ==\n---\nkind: ConfigMap\ndata:\n  a: b\n",
        "run.sh": `#!/bin/sh\n${PEM}`,
      },
    );
    expect(findSecretValues(output).map(({ place, path }) => [place.kind, ...path].join(" "))).toEqual([
      "settings output admin_token value",
      "settings provider helm 0 registry 0 password",
      "settings variable db_password default",
      "artifact password",
      "artifact 0 data a",
      "artifact",
    ]);
    for (const one of ["hunter2", "aA1bB2cC3dD4", "YQ==", "MIIE"]) expect(masked(output)).not.toContain(one);
  });
});

describe("no secret", () => {
  test.each<[string, Body, string?]>([
    ["a reference", { password: "${var.password}", token: "${data.vault.x.token}" }],
    ["a reference in a Secret", { data: { k: "${var.k}", l: "user:${var.l}" } }, "kubernetes_secret_v1"],
    [
      "a template in a Secret",
      { data: { "a.yml": "user: a\npassword: ${var.p}\n" } },
      "kubernetes_secret_v1",
    ],
    ["a Secret's metadata", { metadata: { name: "x" }, type: "Opaque" }, "kubernetes_secret_v1"],
    ["what is never told", { secret_name: "x", secretName: "x", password_key: "p", passwordKey: "p" }],
    [
      "a reference to a key",
      { secret_key_ref: { name: "a", key: "password" }, secretKeyRef: { name: "a", key: "b" } },
    ],
    [
      "switches",
      { token: false, automount_service_account_token: false, automountServiceAccountToken: true },
    ],
    ["names", { secret: "registry-reader", existingSecret: "regcred", from_secret: "registry_password" }],
    [
      "where it lies",
      { token: "/var/run/secrets/token", htpasswd: "/auth/htpasswd", private_key_file: "/root/.ssh/id" },
    ],
    ["numbers about it", { token_ttl: 300, password_policy: "long", token: 300, password_length: 20 }],
    ["names in lists", { imagePullSecrets: ["regcred"], secrets: ["registry_user", "registry_password"] }],
    [
      "a volume",
      {
        volume: [
          { name: "token", secret: { secret_name: "reader", items: [{ key: "password", path: "p" }] } },
        ],
      },
    ],
    ["a variable of another program", { environment: { DB_PASSWORD: "$${DB_PASSWORD}", TOKEN: "$TOKEN" } }],
    ["a secret of GitHub's", { with: { password: "$${{ secrets.REGISTRY_PASSWORD }}" } }],
    ["a template of Helm's", { password: "{{ .Values.password }}" }],
    ["a place to fill in", { password: "<password>", url: "https://user:<password>@example.com" }],
    ["nothing", { password: "", token: " ", secret: null }],
    ["an option with a file", { args: ["--token=/run/token", "--password-file=/x", "TOKEN=$TOKEN"] }],
    [
      "a variable in a URL",
      { url: "https://user:${var.p}@example.com", other: "https://$${U}:$${P}@example.com" },
    ],
    ["an address", { url: "https://registry.example.com:5050/v2/@scope", ssh: "git@github.com:a/b.git" }],
    ["an image's digest", { image: `registry:2@sha256:${"ab".repeat(32)}`, sha256: "ab".repeat(32) }],
    [
      "a public key",
      {
        host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI",
        certificate: "-----BEGIN CERTIFICATE-----\nMII\n",
      },
    ],
    ["a public key's words", { note: "it begins with BEGIN PRIVATE KEY", header: "authorization: Basic " }],
    [
      "a manifest of another kind",
      { manifest: { kind: "ConfigMap", data: { a: "b" } } },
      "kubernetes_manifest",
    ],
    [
      "an external secret",
      { manifest: { kind: "ExternalSecret", spec: { data: [{ secretKey: "password" }] } } },
      "kubernetes_manifest",
    ],
    [
      "what is masked already",
      { password: SECRET, env: [`PASSWORD=${SECRET}`], data: { x: SECRET } },
      "kubernetes_secret",
    ],
  ])("%s", (_what, body, type = "x") => {
    const output = resource(type, body);
    expect(findSecretValues(output)).toEqual([]);
    expect(masked(output).split(SECRET)).toHaveLength(JSON.stringify(body).split(SECRET).length);
  });
});

test("of a text only the secret is replaced", () => {
  const place: Place = { kind: "artifact", path: "a.sh" };
  expect(maskSecrets(`a\n${PEM}b https://u:p@x.y AKIAIOSFODNN7EXAMPLE\n`, { place })).toBe(
    `a\n-----BEGIN RSA PRIVATE KEY-----${SECRET}-----END RSA PRIVATE KEY-----\nb https://u:${SECRET}@x.y ${SECRET}\n`,
  );
  expect(maskSecrets("-----BEGIN PRIVATE KEY-----\nMII, cut short", { place })).toBe(
    `-----BEGIN PRIVATE KEY-----${SECRET}`,
  );
});

describe("a part of a value", () => {
  const whole = resource("kubernetes_manifest", {
    manifest: { kind: "Secret", data: { a: "YQ==" } },
    env: [{ name: "A_PASSWORD", value: "b" }],
    password: JSON.stringify({ x: "y" }),
  });
  const place: Place = { kind: "resource", stack: "s", address: "kubernetes_manifest.a" };
  const values = whole.stacks.get("s")?.resources.get("kubernetes_manifest.a")?.values;

  test.each<[string, readonly string[], Json, boolean]>([
    ["a Secret's data", ["manifest", "data"], { a: "YQ==" }, true],
    ["a Secret's value", ["manifest", "data", "a"], "YQ==", true],
    ["a Secret's value that is new", ["manifest", "data", "c"], "Yw==", true],
    ["a variable's value", ["env", "name=A_PASSWORD", "value"], "b", true],
    ["the same by its place", ["env", "0", "value"], "b", true],
    ["an element that is new", ["env", "name=C_PASSWORD"], { name: "C_PASSWORD", value: "d" }, true],
    ["a part of a document that is a secret as a whole", ["password", "(document)", "x"], "y", true],
    ["another part", ["manifest", "kind"], "Secret", false],
    ["another field", ["metadata", "labels", "a"], "YQ==", false],
  ])("%s", (_what, path, value, isSecret) => {
    const shown = maskSecrets(value, { place, path, whole: values });
    expect(JSON.stringify(shown).includes(SECRET)).toBe(isSecret);
    if (!isSecret) expect(shown).toEqual(value);
  });

  test("without the whole, by the path alone", () => {
    const env = ["env", "name=A_PASSWORD", "value"];
    expect(maskSecrets("b", { place, path: env })).toBe(SECRET);
    const secret: Place = { kind: "resource", stack: "s", address: "kubernetes_secret_v1.a" };
    expect(maskSecrets("b", { place: secret, path: ["data", "x"] })).toBe(SECRET);
    expect(maskSecrets("b", { place: secret, path: ["metadata", "name"] })).toBe("b");
  });

  test("a delta is masked on either side", () => {
    const side = (value: string) =>
      resource("kubernetes_manifest", { manifest: { kind: "Secret", data: { a: value } } });
    const delta = { place, path: ["manifest", "data", "a"], before: "one", after: "two" };
    expect(maskDelta(delta, side("one"), side("two"))).toEqual({ ...delta, before: SECRET, after: SECRET });
    const added = { ...delta, before: undefined };
    expect(maskDelta(added, outputOf({}), side("two"))).toEqual({ ...added, after: SECRET });
  });
});

/** Neither a variable nor a path nor a word: those stand in for secrets elsewhere. */
const random = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(..."abcXYZ0189+=_-.,;:!?#&*~ \"'\\"), minLength: 6, maxLength: 40 }),
    fc.nat(9),
  )
  .map(([text, digit]) => `q${digit}7Z9+${text}K${digit}`);

const PLACES: readonly (readonly [string, (secret: string) => SynthesizedOutput])[] = [
  ["a Secret", (secret) => resource("kubernetes_secret_v1", escaped({ data: { any: secret } }))],
  [
    "a Secret's string data",
    (secret) =>
      resource("kubernetes_manifest", escaped({ manifest: { kind: "Secret", stringData: { a: secret } } })),
  ],
  ...["password", "token", "secret", "private_key", "htpasswd", "apiKey", "DB_PASSWORD"].flatMap((key) => [
    [key, (secret: string) => resource("x", escaped({ a: [{ [key]: secret }] }))] as const,
    [
      `${key} in YAML`,
      (secret: string) => resource("x", escaped({ values: [`b: 1\n${key}: ${JSON.stringify(secret)}\n`] })),
    ] as const,
    [
      `${key} in an artifact`,
      (secret: string) => outputOf({}, { "a.json": JSON.stringify({ [key]: secret }) }),
    ] as const,
    [
      `${key} as a variable`,
      (secret: string) => resource("x", escaped({ env: [{ name: key, value: secret }] })),
    ] as const,
  ]),
  ["a default", (secret) => outputOf({ variable: { db_password: { default: escapeTerraform(secret) } } })],
  [
    "PEM",
    (secret) =>
      resource("x", escaped({ a: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n` })),
  ],
  [
    "a URL",
    (secret) =>
      resource("x", escaped({ a: `https://user:${secret.replace(/[\s/@"'<>`]/g, "")}@example.com` })),
  ],
  [
    "Docker's credentials",
    (secret) =>
      outputOf({}, { "config.json": JSON.stringify({ auths: { "r.example.com": { auth: secret } } }) }),
  ],
];

function escaped(body: Body): Body {
  return escapeTerraformTree(body);
}

test.each(PLACES)("no random secret survives in %s", (_what, place) => {
  fc.assert(
    fc.property(random, (secret) => {
      const output = place(secret);
      expect(findSecretValues(output)).toHaveLength(1);
      const shown = masked(output);
      // As it is, as JSON has it, and as a URL can carry it.
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), secret.replace(/[\s/@"'<>`]/g, "")]) {
        expect(shown).not.toContain(form);
      }
    }),
    { numRuns: 40 },
  );
});

test("masking twice is masking once, and what has no secret is left as it is", () => {
  const place: Place = { kind: "artifact", path: "a" };
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("password", "name", "url", "auth"), fc.string()), (value) => {
      const once = maskSecrets(value, { place });
      expect(maskSecrets(once, { place })).toEqual(once);
      if (isJsonObject(once) && once.name !== undefined) expect(once.name).toBe(value.name);
    }),
  );
});

test("no text makes it slow", () => {
  const place: Place = { kind: "artifact", path: "a" };
  const texts = [
    "https://a:",
    "-----BEGIN PRIVATE KEY-----",
    "eyJaaaaaaaa.",
    "authorization:  ",
    "a://:",
    "ghp_",
  ].map((one) => one.repeat(20_000));
  const begin = performance.now();
  for (const text of texts) maskSecrets(text, { place });
  expect(performance.now() - begin).toBeLessThan(5_000);
});
