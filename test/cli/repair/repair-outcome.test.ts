import { renderRepair } from "../../../lib/cli/repair/render-repair";
import { repairExitCode } from "../../../lib/cli/repair/repair-command";
import { type RepairRun, repairReport } from "../../../lib/cli/repair/repair-report";
import type { Assessment } from "../../../lib/integrity/assess";
import type { RepairOutcome, RepairResult } from "../../../lib/integrity/repair/apply-repairs";
import type { RepairItem } from "../../../lib/integrity/repair/repair-plan";
import { Digest } from "../../../lib/oci/digest";

const body = Buffer.from("{}");
const digest = Digest.sha256(body);

const item: RepairItem = {
  finding: {
    kind: "index_child_missing",
    severity: "damage",
    repository: "team/app",
    tags: ["1.0"],
    digest: digest.toString(),
    path: ["1.0", digest.toString()],
    platform: "linux/amd64",
    detail: "answers 404",
    repair: "put it back",
  },
  action: "restore",
  steps: [
    { do: "mount_blob", digest, size: 2, from: "base", fallback: null },
    { do: "put_manifest", tag: "1.0", expected: null, digest, mediaType: "m", body, source: "disk /d" },
  ],
  detail: "put \u001b[31mback",
  removeFiles: [],
  rebuild: [{ service: "shop", stack: "s", pipeline: null }],
};

function assessment(failures: number, complete = true): Assessment {
  return {
    report: {
      schema: "tallyman.report/1",
      registry: "r:5000",
      instance: "r:5000",
      shard: null,
      startedAt: "2026-01-01T00:00:00.000Z",
      durationMs: 1,
      complete,
      checked: {
        repositories: 1,
        tags: 1,
        indexes: 1,
        manifests: 1,
        blobs: 1,
        bytes: 1,
        requests: 1,
        remembered: null,
      },
      coverage: 1,
      findings: [],
      undetermined: [],
    },
    catalogueAccessible: true,
    failures,
    acceptedFailures: 0,
    undeterminedByReason: new Map(),
    throttledResponses: 0,
  };
}

function run(outcomes: readonly RepairOutcome[], after: Assessment | null): RepairRun {
  const items = outcomes.map(() => ({ ...item }));
  const results = new Map<RepairItem, RepairResult>(
    items.map((one, i) => [one, { outcome: outcomes[i] as RepairOutcome, problem: "why" }]),
  );
  return { before: assessment(outcomes.length), items, results, after };
}

test.each<[string, RepairRun, number]>([
  ["a plan of damage", { before: assessment(1), items: [item], results: null, after: null }, 1],
  ["a plan without damage", { before: assessment(0), items: [], results: null, after: null }, 0],
  [
    "a plan of what could not be seen",
    { before: assessment(0, false), items: [], results: null, after: null },
    2,
  ],
  ["all done", run(["done", "done"], assessment(0)), 0],
  ["done, and yet damaged", run(["done"], assessment(1)), 1],
  ["only a rebuild helps", run(["done", "left"], assessment(1)), 1],
  ["one waits for a restart", run(["done", "refused"], assessment(1)), 2],
  ["one failed, one waits for a rebuild", run(["failed", "left"], assessment(2)), 2],
  ["the second walk is incomplete", run(["done"], assessment(0, false)), 2],
  ["nothing to apply", run([], null), 0],
])("%s exits %#", (_, made, code) => {
  expect(repairExitCode(made)).toBe(code);
});

test("every key of the report is there, and no bytes", () => {
  const made = run(["done"], assessment(0));
  const json: unknown = JSON.parse(JSON.stringify(repairReport(made)));
  expect(json).toEqual({
    schema: "tallyman.repair/1",
    registry: "r:5000",
    mode: "apply",
    startedAt: "2026-01-01T00:00:00.000Z",
    complete: true,
    damage: 0,
    items: [
      {
        ...{ kind: "index_child_missing", severity: "damage", repository: "team/app", tags: ["1.0"] },
        ...{ digest: `${digest}`, path: ["1.0", `${digest}`], platform: "linux/amd64", action: "restore" },
        detail: item.detail,
        steps: [
          { do: "mount_blob", digest: `${digest}`, size: 2, source: "repository base", tag: null },
          { do: "put_manifest", digest: `${digest}`, size: 2, source: "disk /d", tag: "1.0" },
        ],
        removeFiles: [],
        rebuild: [{ service: "shop", stack: "s", pipeline: null }],
        outcome: "done",
        problem: "why",
      },
    ],
    undetermined: [],
    remaining: [],
  });
});

test("the table escapes what a registry says, and ends with what was done", () => {
  const plan = renderRepair({ before: assessment(1), items: [item], results: null, after: null });
  expect(plan).not.toContain("\u001b");
  expect(plan).toContain(`step    mount ${digest} (2 bytes) from repository base`);
  expect(plan).toContain(`step    put manifest ${digest} as 1.0 (2 bytes) from disk /d`);
  expect(plan).toMatch(/PLAN: 1 of 1 can be restored as they were; --apply does so\. Nothing was changed\n$/);
  expect(renderRepair(run(["done"], assessment(0)))).toMatch(/APPLIED: all is whole\n$/);
  expect(renderRepair(run(["left"], assessment(1)))).toMatch(/APPLIED: 1 broken reference left\n$/);
});
