import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPods } from "../../../lib/cli/retain/read-pods";
import { renderRetention } from "../../../lib/cli/retain/render-retention";
import { type RetentionFacts, retentionReport } from "../../../lib/cli/retain/retention-report";
import type { RepositoryPlan } from "../../../lib/integrity/retention/retention-plan";

const [first, second] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`] as const;
const plan: RepositoryPlan = {
  repository: "app",
  state: "planned",
  reasons: [],
  tags: [
    {
      tag: "old",
      digest: first,
      createdMs: null,
      action: "drop",
      why: "no_rule",
      detail: "no rule\u001b[2J",
    },
  ],
  deletions: [
    { digest: first, tags: ["old"] },
    { digest: second, tags: [] },
  ],
  bytesFreed: 2048,
};
const facts: RetentionFacts = {
  registry: "r.example",
  startedAtMs: 0,
  rules: { keepLast: 1, keep: [], minAgeSeconds: 0, inUsePods: null },
  blocked: [],
  plans: [plan],
  result: null,
  verified: null,
};
const stopped: RetentionFacts = {
  ...facts,
  result: {
    deleted: [{ repository: "app", digest: first, tags: ["old"] }],
    surprise: { repository: "app", digest: second, detail: "it moved" },
  },
  verified: true,
};

test("tallyman.retention/1 has every key, whatever happened", () => {
  expect(retentionReport(facts)).toEqual({
    schema: "tallyman.retention/1",
    registry: "r.example",
    startedAt: "1970-01-01T00:00:00.000Z",
    rules: facts.rules,
    complete: true,
    blocked: [],
    repositories: [
      {
        repository: "app",
        state: "planned",
        reasons: [],
        tags: [
          {
            tag: "old",
            digest: first,
            created: null,
            action: "drop",
            why: "no_rule",
            detail: plan.tags[0]?.detail,
          },
        ],
        deletions: [
          { digest: first, tags: ["old"], done: false },
          { digest: second, tags: [], done: false },
        ],
        bytesFreed: 2048,
      },
    ],
    bytesFreed: 2048,
    applied: null,
  });
});

test("a stop names what was done, and what no API lists any more", () => {
  const report = retentionReport(stopped);
  expect([report.complete, report.applied?.deleted, report.applied?.verified]).toEqual([false, 1, true]);
  const text = renderRetention(report);
  expect(text).toContain(`  deleted  ${first}  old\n  not deleted  ${second}\n`);
  expect(text).toMatch(/STOPPED at app: it moved\n1 of 2 manifests deleted/);
});

test.each([
  [{ blocked: ["catalogue: refused"] }, false],
  [{ plans: [{ ...plan, state: "blocked" as const }] }, false],
  [{ plans: [{ ...plan, state: "spared" as const }] }, true],
  [{ ...stopped, verified: false }, false],
  [{ result: { deleted: [], surprise: null } }, true],
])("complete %#", (change, complete) => {
  expect(retentionReport({ ...facts, ...change }).complete).toBe(complete);
});

test("the table shows bytes and reasons, and lets no control character through", () => {
  const text = renderRetention(retentionReport(facts));
  expect(text).toContain("PLAN: 2 manifests would be deleted, up to 2.0 KiB freed");
  expect(text).toContain("no rule\\u001b[2J");
  expect(text).not.toContain("\u001b");
});

test("a list of pods beyond the bound is refused, not cut", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-pods-"));
  try {
    const path = join(folder, "pods.json");
    writeFileSync(path, `{"kind":"List","items":[]}${" ".repeat(100)}`);
    await expect(readPods(path, 50)).rejects.toThrow(/holds more than 50 bytes/);
    await expect(readPods(join(folder, "none"))).rejects.toThrow(/\(ENOENT\)/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
