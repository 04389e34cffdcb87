import fc from "fast-check";
import type { Change } from "../../../lib/diff/change";
import { compareOutputs } from "../../../lib/diff/compare/compare-outputs";
import type { Json, JsonObject } from "../../../lib/diff/json";
import type { SynthesizedOutput } from "../../../lib/diff/output";
import { wordDeltas } from "../../../lib/diff/wording/word-deltas";
import { wordRename } from "../../../lib/diff/wording/word-whole";
import { type MadeStack, makeOutput } from "../compare/make-output";

type Stacks = Readonly<Record<string, MadeStack>>;

function words(base: SynthesizedOutput, head: SynthesizedOutput): readonly Change[] {
  const { deltas, renames } = compareOutputs(base, head);
  const context = { base, head, renames };
  return [...renames.map((rename) => wordRename(rename, context)), ...wordDeltas(deltas, context)];
}

function lines(base: Stacks, head: Stacks): string[] {
  return words(makeOutput(base), makeOutput(head)).map(({ grade, kind, text }) => `${grade} ${kind} ${text}`);
}

const one = (values: JsonObject, settings: JsonObject = {}): Stacks => ({
  m: { resources: { "t.a": values }, settings },
});

test.each<[string, Stacks, Stacks, string[]]>([
  [
    "a resource that came",
    { m: {} },
    one({ v: 1 }),
    ["notice resource_added t.a of the stack m will be created."],
  ],
  [
    "one that adopts what exists",
    { m: {} },
    one({ v: 1 }, { import: [{ to: "t.a", id: "x" }] }),
    [
      'info value_added The settings of the stack m: import is new: [{"to":"t.a","id":"x"}].',
      "notice resource_added t.a of the stack m adopts the object that exists.",
    ],
  ],
  [
    "a resource that went",
    one({ v: 1 }),
    { m: {} },
    ["risk resource_removed t.a of the stack m will be destroyed."],
  ],
  [
    "an object of a cluster, by its name",
    {
      m: {
        resources: { "kubernetes_cron_job_v1.x": { metadata: { name: "probe", namespace: "monitoring" } } },
      },
    },
    { m: {} },
    [
      "risk resource_removed CronJob monitoring/probe (kubernetes_cron_job_v1.x of the stack m) will be destroyed.",
    ],
  ],
  [
    "one whose object stays",
    one({ v: 1 }),
    { m: { settings: { removed: { from: "t.a", lifecycle: { destroy: false } } } } },
    [
      'info value_added The settings of the stack m: removed is new: {"from":"t.a","lifecycle":{"destroy":false}}.',
      "notice resource_removed t.a of the stack m is no longer managed; its object stays.",
    ],
  ],
  [
    "data that is read",
    { m: {} },
    { m: { resources: { "data.t.a": {} } } },
    ["info resource_added data.t.a of the stack m is read."],
  ],
  ["a stack that came", {}, { m: {} }, ["notice stack_added The stack m is new."]],
  [
    "a stack that went",
    one({ v: 1 }),
    {},
    [
      "danger stack_removed The stack m is gone: nothing manages its resource any more, and nothing destroys what still runs.",
    ],
  ],
  [
    "a rename",
    one({ v: 1 }),
    { m: { resources: { "t.b": { v: 1 } } } },
    [
      "risk resource_renamed t.a is renamed to t.b: it will be destroyed and created; a moved block would keep it.",
    ],
  ],
  [
    "a move",
    { ...one({ v: 1 }), n: {} },
    { m: {}, n: { resources: { "t.a": { v: 1 } } } },
    [
      "risk resource_renamed t.a is renamed from m/t.a to n/t.a: it will be destroyed and created, in no certain order; a removed block there and an import block here would keep it.",
    ],
  ],
  [
    "a value",
    one({ spec: { replicas: 1 } }),
    one({ spec: { replicas: 2 } }),
    ["notice value_changed t.a: spec.replicas changes from 1 to 2."],
  ],
  ["a value that came", one({}), one({ v: "x" }), ["notice value_added t.a: v is new: x."]],
  [
    "a value that went",
    one({ v: "" }),
    one({}),
    ["notice value_removed t.a: v is gone: it was an empty text."],
  ],
  [
    "a label",
    one({ metadata: { labels: { a: "1" } } }),
    one({ metadata: { labels: { a: "2" } } }),
    ["info value_changed t.a: metadata.labels.a changes from 1 to 2."],
  ],
  [
    "reworded text",
    one({ annotations: { summary: "old words" } }),
    one({ annotations: { summary: "new words" } }),
    ["info text_changed t.a: annotations.summary changes from old words to new words."],
  ],
  [
    "another order",
    one({ c: [{ name: "a" }, { name: "b" }] }),
    one({ c: [{ name: "b" }, { name: "a" }] }),
    [
      'info order_changed t.a: c stands in another order: ["name=b","name=a"] instead of ["name=a","name=b"].',
    ],
  ],
  [
    "a document inside a string",
    one({ data: { "a.yml": { "(document)": { k: 1 } } } }),
    one({ data: { "a.yml": { "(document)": { k: { "(document)": [2] } } } } }),
    ["notice value_changed t.a: data.a.yml.k changes from 1 to [2]."],
  ],
  [
    "a provider",
    one({}, { provider: { p: [{ host: "a" }] } }),
    one({}, { provider: { p: [{ host: "b" }] } }),
    ["notice value_changed The settings of the stack m: provider.p.0.host changes from a to b."],
  ],
  [
    "another backend",
    one({}, { terraform: { backend: { local: { path: "a" } } } }),
    one({}, { terraform: { backend: { s3: { bucket: "b" } } } }),
    [
      "risk backend_changed The backend of the stack m changes from local to s3: the state would be looked for elsewhere, and everything created once more unless it is moved there.",
    ],
  ],
  [
    "the same backend elsewhere",
    one({}, { terraform: { backend: { s3: { key: "a" } } } }),
    one({}, { terraform: { backend: { s3: { key: "b" } } } }),
    [
      "risk backend_changed The backend s3 of the stack m changes (key): the state would be looked for elsewhere, and everything created once more unless it is moved there.",
    ],
  ],
])("%s", (_, base, head, expected) => {
  expect(lines(base, head)).toEqual(expected);
});

test("a rename that is kept is told, and asks nothing", () => {
  const head = { m: { resources: { "t.b": { v: 1 } }, settings: { moved: [{ from: "t.a", to: "t.b" }] } } };
  expect(lines(one({ v: 1 }), head)).toContain(
    "info resource_renamed t.a is renamed to t.b, and its object is kept.",
  );
});

test("of a text the lines that differ", () => {
  const base = makeOutput({}, { "nginx.conf": "a\nlisten 1;\nb\nc\n" });
  const head = makeOutput({}, { "nginx.conf": "a\nlisten 2;\nb\nc\nd\n" });
  expect(words(base, head)).toEqual([
    {
      grade: "notice",
      kind: "value_changed",
      where: "artifacts/nginx.conf",
      before: "listen 1;",
      after: "listen 2; ⏎ d",
      text: "nginx.conf differs in 2 places, first at line 2: 1 line removed and 2 lines added: - listen 1; + listen 2;",
    },
  ]);
});

test("artifacts that came, went, and were reworded", () => {
  const base = makeOutput({}, { "gone.yml": { a: 1 }, "runbook.md": "# Old\n" });
  const head = makeOutput({}, { "came.yml": { a: 1 }, "runbook.md": "# New\n" });
  expect(words(base, head).map(({ grade, kind, where }) => `${grade} ${kind} ${where}`)).toEqual([
    "info artifact_added artifacts/came.yml",
    "notice artifact_removed artifacts/gone.yml",
    "info text_changed artifacts/runbook.md",
  ]);
});

test("a stack's own files come and go with it", () => {
  const base = makeOutput({ m: {}, n: {} }, { "stacks/m/assets/a.conf": "a", "stacks/n/assets/a.conf": "a" });
  const kinds = words(base, makeOutput({ n: {} })).map(({ kind, where }) => `${kind} ${where}`);
  expect(kinds).toEqual(["stack_removed m", "artifact_removed artifacts/stacks/n/assets/a.conf"]);
});

test("many differences of one resource are told together below what they share", () => {
  const spec = (n: number) => Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`k${at}`, n]));
  const base = one({ spec: { deep: spec(1) }, other: 1 });
  const head = one({ spec: { deep: { ...spec(2), k20: 2 } }, other: 2 });
  expect(lines(base, head)).toEqual([
    "notice value_changed t.a: other changes from 1 to 2.",
    "notice value_changed t.a: 21 values differ below spec.deep (1 added, 20 changed): k0, k1, k10 and 18 more.",
  ]);
});

test("no change shows a secret's value", () => {
  const secret = (value: string): Stacks => ({
    m: {
      resources: {
        "kubernetes_secret_v1.s": {
          data: { password: value },
          note: { script: `a\ncurl https://u:${value}@h/\nb` },
        },
      },
      settings: { terraform: { backend: { http: { address: value, password: value } } } },
    },
  });
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9]{12,30}$/),
      fc.stringMatching(/^[a-z0-9]{12,30}$/),
      (before, after) => {
        fc.pre(before !== after);
        const told = JSON.stringify(words(makeOutput(secret(before)), makeOutput(secret(after))));
        expect(told).toContain("backend_changed");
        expect(told).not.toContain(before);
        expect(told).not.toContain(after);
      },
    ),
  );
});

test("whatever a value holds, each change is short, on one line, and safe to print", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 400 }),
    fc.constant(`\u001b[2J\u202e${"x\u0007\n".repeat(90)}`),
  );
  const value: fc.Arbitrary<Json> = fc.oneof(text, fc.array(text, { maxLength: 3 }));
  fc.assert(
    fc.property(fc.dictionary(text, value), fc.dictionary(text, value), (before, after) => {
      for (const change of words(makeOutput(one(before), before), makeOutput(one(after), after))) {
        expect(change.before?.length ?? 0).toBeLessThanOrEqual(301);
        expect(change.after?.length ?? 0).toBeLessThanOrEqual(301);
        expect(change.text.length).toBeLessThan(1_500);
        const shown = [change.where, change.before, change.after, change.text].join(" ");
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
      }
    }),
  );
});
