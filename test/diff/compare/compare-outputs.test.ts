import fc from "fast-check";
import { compareOutputs } from "../../../lib/diff/compare/compare-outputs";
import { type Delta, whereOf } from "../../../lib/diff/delta";
import type { JsonObject } from "../../../lib/diff/json";
import type { SynthesizedOutput } from "../../../lib/diff/output";
import { type MadeStack, makeOutput } from "./make-output";

const job = { metadata: { name: "probe" }, spec: { schedule: "*/15 * * * *" } };
const jobAddress = "kubernetes_cron_job_v1.probe_1";

function told(base: SynthesizedOutput, head: SynthesizedOutput): string[] {
  return compareOutputs(base, head).deltas.map(line);
}

function line(delta: Delta): string {
  return `${whereOf(delta)}: ${JSON.stringify(delta.before) ?? ""} → ${JSON.stringify(delta.after) ?? ""}`;
}

test("a resource's value, a stack's setting and an artifact's member are each told where they stand", () => {
  const base = makeOutput(
    { m: { resources: { [jobAddress]: job }, settings: { terraform: { required_version: "1.10" } } } },
    { "a.json": { a: 1 }, "n.conf": "listen 1;\n" },
  );
  const slower = { ...job, spec: { schedule: "0 * * * *" } };
  const head = makeOutput(
    { m: { resources: { [jobAddress]: slower }, settings: { terraform: { required_version: "1.11" } } } },
    { "a.json": { a: 2 }, "n.conf": "listen 2;\n" },
  );
  expect(told(base, head)).toEqual([
    'm/settings terraform.required_version: "1.10" → "1.11"',
    `m/${jobAddress} spec.schedule: "*/15 * * * *" → "0 * * * *"`,
    "artifacts/a.json a: 1 → 2",
    'artifacts/n.conf: "listen 1;\\n" → "listen 2;\\n"',
  ]);
});

test("what comes or goes as a whole is one delta without a path", () => {
  const base = makeOutput(
    { old: { resources: { "a.x": {} } }, s: { resources: { "a.gone": { v: 1 } } } },
    { "old.md": "text" },
  );
  const head = makeOutput({ new: {}, s: { resources: { "b.came": { v: 2 } } } }, { "new.json": null });
  expect(told(base, head)).toEqual([
    "new:  → []",
    'old: ["a.x"] → ',
    's/a.gone: {"v":1} → ',
    's/b.came:  → {"v":2}',
    "artifacts/new.json:  → null",
    'artifacts/old.md: "text" → ',
  ]);
});

test("an artifact that becomes another kind differs as a whole, and bytes by their hash", () => {
  const base = makeOutput({}, { "a.yml": { a: 1 } });
  const head = makeOutput({}, { "a.yml": "a: [" });
  expect(told(base, head)).toEqual(['artifacts/a.yml: {"a":1} → "a: ["']);
  const bytes = (sha256: string): SynthesizedOutput => ({
    stacks: new Map(),
    artifacts: new Map([["p.mjs", { kind: "bytes", sha256, size: 3 }]]),
  });
  expect(told(bytes("00"), bytes("00"))).toEqual([]);
  expect(told(bytes("00"), bytes("01"))).toHaveLength(1);
});

test("a renamed resource is compared with what it was, and references that follow it are no difference", () => {
  const newAddress = "kubernetes_cron_job_v1.prober_2";
  const user = (address: string): JsonObject => ({
    at: `\${${address}.metadata[0].name}`,
    depends_on: [address],
  });
  const base = makeOutput({
    m: {
      resources: { [jobAddress]: job, "helm_release.r": user(jobAddress) },
      settings: { output: { o: { value: `\${${jobAddress}.id}` } } },
    },
  });
  const head = makeOutput({
    m: {
      resources: {
        [newAddress]: { ...job, spec: { schedule: "0 * * * *" } },
        "helm_release.r": user(newAddress),
      },
      settings: { output: { o: { value: `\${${newAddress}.id}` } } },
    },
  });
  const { deltas, renames } = compareOutputs(base, head);
  expect(deltas.map(line)).toEqual([`m/${newAddress} spec.schedule: "*/15 * * * *" → "0 * * * *"`]);
  expect(renames).toEqual([
    {
      type: "kubernetes_cron_job_v1",
      from: { stack: "m", address: jobAddress },
      to: { stack: "m", address: newAddress },
      isKept: false,
    },
  ]);
  // Where the reference means something else, it is a difference.
  const other = makeOutput({ m: { resources: { [jobAddress]: job, "helm_release.r": user("a.other") } } });
  expect(compareOutputs(base, other).deltas.map(whereOf)).toContain("m/helm_release.r at");
});

test("blocks that speak of addresses, and text that only looks like one, do not follow a rename", () => {
  const settings = { moved: [{ from: "t.old", to: "t.a" }] };
  const text = (address: string) => ({ text: `x.y.${address}` });
  const base = makeOutput({ m: { resources: { "t.a": { v: 1 }, "u.x": text("t.a") }, settings } });
  const head = makeOutput({ m: { resources: { "t.b": { v: 1 }, "u.x": text("t.b") }, settings } });
  const { deltas, renames } = compareOutputs(base, head);
  expect(renames).toHaveLength(1);
  expect(deltas.map(line)).toEqual(['m/u.x text: "x.y.t.a" → "x.y.t.b"']);
});

const values = fc.dictionary(fc.constantFrom("a", "b", "name"), fc.integer({ min: 0, max: 2 }), {
  maxKeys: 3,
});
const stack: fc.Arbitrary<MadeStack> = fc.record({
  resources: fc.dictionary(fc.constantFrom("t.x", "t.y", "t.z", "data.t.x", "u.x"), values),
  settings: values,
});
const output = fc
  .tuple(
    fc.dictionary(fc.constantFrom("s", "r"), stack),
    fc.dictionary(fc.constantFrom("a.json", "b.md"), fc.oneof(fc.constantFrom("text", "other"), values)),
  )
  .map(([stacks, artifacts]) => makeOutput(stacks, artifacts));

test("an output does not differ from itself, in whatever order its maps were filled", () => {
  fc.assert(
    fc.property(output, (one) => {
      expect(compareOutputs(one, turned(one))).toEqual({ deltas: [], renames: [] });
    }),
  );
});

test("only equal outputs do not differ", () => {
  fc.assert(
    fc.property(output, output, (a, b) => {
      const { deltas, renames } = compareOutputs(a, b);
      expect(deltas.length + renames.length === 0).toBe(plain(a) === plain(b));
    }),
  );
});

test("the order in which maps were filled changes nothing", () => {
  fc.assert(
    fc.property(output, output, (a, b) => {
      expect(compareOutputs(turned(a), turned(b))).toEqual(compareOutputs(a, b));
    }),
  );
});

test("the other way round, what was added is removed and renames lead back", () => {
  fc.assert(
    fc.property(output, output, (a, b) => {
      const there = compareOutputs(a, b);
      const back = compareOutputs(b, a);
      expect(sorted(back.renames.map(({ from, to }) => JSON.stringify([to, from])))).toEqual(
        sorted(there.renames.map(({ from, to }) => JSON.stringify([from, to]))),
      );
      const isWhole = ({ path }: Delta) => path.length === 0;
      expect(sorted(back.deltas.filter(isWhole).map(line))).toEqual(
        sorted(
          there.deltas
            .filter(isWhole)
            .map((delta) => line({ ...delta, before: delta.after, after: delta.before })),
        ),
      );
      expect(back.deltas).toHaveLength(there.deltas.length);
    }),
  );
});

test("ten thousand resources are compared in a time that grows with them", () => {
  const resources = (slow: string) =>
    Object.fromEntries(
      Array.from({ length: 10_000 }, (_, at) => [
        `kubernetes_cron_job_v1.j${at}`,
        {
          metadata: { name: `j${at}`, labels: { app: "x", part: "y" } },
          spec: { schedule: at % 10 === 0 ? slow : "1 * * * *", args: ["--a", "--b", `--n=${at}`] },
        },
      ]),
    );
  const base = makeOutput({ m: { resources: resources("2 * * * *") } });
  const head = makeOutput({ m: { resources: resources("3 * * * *") } });
  const started = process.cpuUsage();
  expect(compareOutputs(base, head).deltas).toHaveLength(1_000);
  // A quadratic comparison takes minutes. Processor time, as other tests run beside.
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(10);
});

function turned({ stacks, artifacts }: SynthesizedOutput): SynthesizedOutput {
  const turn = <T>(map: ReadonlyMap<string, T>) => new Map([...map].reverse());
  const turnedStacks = [...turn(stacks)].map(
    ([name, one]) => [name, { ...one, resources: turn(one.resources) }] as const,
  );
  return { stacks: new Map(turnedStacks), artifacts: turn(artifacts) };
}

function plain({ stacks, artifacts }: SynthesizedOutput): string {
  const flat = [...stacks].flatMap(([name, { resources, settings }]) => [
    JSON.stringify([name, Object.entries(settings).sort()]),
    ...[...resources.values()].map((one) =>
      JSON.stringify([name, one.address, Object.entries(one.values).sort()]),
    ),
  ]);
  const files = [...artifacts].map(([path, one]) =>
    JSON.stringify([path, one.kind === "data" ? Object.entries(one.value ?? {}).sort() : one]),
  );
  return JSON.stringify([...flat, ...files].sort());
}

function sorted(texts: readonly string[]): string[] {
  return [...texts].sort();
}
