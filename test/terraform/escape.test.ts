import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { App, Fn, TerraformLocal, TerraformStack } from "cdktf";
import fc from "fast-check";
import {
  escapeTerraform,
  escapeTerraformMap,
  escapeTerraformTree,
  hasToken,
  type TerraformValue,
} from "../../lib/terraform/escape";
import { requireTerraform, terraformEnv } from "../support/require-terraform";

const run = promisify(execFile);
const terraform = requireTerraform("escaped strings against the real terraform");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-escape-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The outputs of a configuration without providers, as terraform sees them after an apply. */
async function applied(configuration: object): Promise<ReadonlyMap<string, unknown>> {
  writeFileSync(join(folder, "main.tf.json"), JSON.stringify(configuration));
  rmSync(join(folder, "terraform.tfstate"), { force: true });
  const options = { cwd: folder, env: terraformEnv(), timeout: 50_000, maxBuffer: 64 * 1024 * 1024 };
  await run(terraform ?? "", ["apply", "-auto-approve", "-no-color", "-input=false"], options);
  const { stdout } = await run(terraform ?? "", ["output", "-json", "-no-color"], options);
  const outputs: unknown = JSON.parse(stdout);
  if (typeof outputs !== "object" || outputs === null) throw new Error("terraform output is no object");
  return new Map(Object.entries(outputs).map(([name, output]) => [name, valueIn(output)]));
}

function valueIn(output: unknown): unknown {
  return typeof output === "object" && output !== null && "value" in output ? output.value : undefined;
}

const plain = fc.string({ unit: "grapheme", maxLength: 12 });
const nasty = fc
  .array(
    fc.constantFrom(
      "$",
      "$$",
      "%",
      "{",
      "}",
      `$\{`,
      "%{",
      "%%{",
      "~",
      '"',
      "\\",
      "if",
      "TfToken[",
      "]}",
      " ",
      "\n",
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(""));
const text = fc
  .oneof(
    nasty,
    plain,
    fc.tuple(nasty, plain, nasty).map((parts) => parts.join("")),
  )
  // Terraform keeps strings in this form.
  .map((parts) => parts.normalize("NFC"))
  // What reads as a token is one.
  .filter((parts) => !/\$\{TfToken\[[A-Za-z0-9:._-]+\]\}/.test(parts));

test.each([
  ["curl's %{http_code}", "curl's %%{http_code}"],
  [`\${X:0:8}`, `$\${X:0:8}`],
  ["{{ $value }} at 5% of $5", "{{ $value }} at 5% of $5"],
  [`$\${x}`, `$$\${x}`],
  [`\${TfToken[TOKEN.1]} and \${x} %{y}`, `\${TfToken[TOKEN.1]} and \${"$"}{x} %%{y}`],
  [`$$\${TfToken[TOKEN.1]}`, `\${"$$"}\${TfToken[TOKEN.1]}`],
  ["", ""],
])("%j becomes %j", (given, escaped) => {
  expect(escapeTerraform(given)).toBe(escaped);
});

test("a token is told from what only looks like an expression", () => {
  expect(hasToken(Fn.file("x"))).toBe(true);
  expect(hasToken(`http://${Fn.file("x")}:9091`)).toBe(true);
  expect(hasToken(`$\{x} $\{TfToken[ ]}`)).toBe(false);
});

test("a map and a tree are escaped in keys and values, and what is no text is kept", () => {
  expect(escapeTerraformMap({ "%{a}": `\${b}` })).toEqual({ "%%{a}": `$\${b}` });
  const token: TerraformValue = Fn.file("x");
  const tree = { "%{a}": [`\${b}`, 1, true, null, { c: "%{d}" }], e: undefined, token };
  expect(escapeTerraformTree(tree)).toEqual({
    "%%{a}": [`$\${b}`, 1, true, null, { c: "%%{d}" }],
    e: undefined,
    token,
  });
});

test("what terraform makes of an escaped string, as value and as key, is the string", async () => {
  if (terraform === null) return;
  const many = fc.array(text, { minLength: 400, maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(many, async (texts) => {
      const entries = texts.map((value, at): [string, string] => [`o${at}`, value]);
      const keys = [...new Set(texts)];
      const outputs = await applied({
        output: {
          ...Object.fromEntries(entries.map(([name, value]) => [name, { value: escapeTerraform(value) }])),
          keys: { value: escapeTerraformMap(Object.fromEntries(keys.map((key) => [`k${key}`, key]))) },
        },
      });
      expect(entries.filter(([name, value]) => outputs.get(name) !== value)).toEqual([]);
      expect(outputs.get("keys")).toEqual(Object.fromEntries(keys.map((key) => [`k${key}`, key])));
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

test("a token between escaped texts is resolved, whatever stands before it", async () => {
  if (terraform === null) return;
  const many = fc.array(fc.tuple(text, text), { minLength: 200, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(many, async (pairs) => {
      const stack = new TerraformStack(new App({ outdir: join(folder, "out") }), "stack");
      const token = new TerraformLocal(stack, "local", "the $value").asString;
      const locals = pairs.map(
        ([before, after], at) => new TerraformLocal(stack, `l${at}`, escapeTerraform(before + token + after)),
      );
      const names = locals.map((local) => local.friendlyUniqueId);
      const configuration = {
        locals: stack.toTerraform().locals,
        output: Object.fromEntries(names.map((name) => [name, { value: `\${local.${name}}` }])),
      };
      const outputs = await applied(configuration);
      const wrong = pairs.filter(
        ([before, after], at) =>
          outputs.get(names[at] ?? "") !== `${before}the $value${after}`.normalize("NFC"),
      );
      expect(wrong).toEqual([]);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});
