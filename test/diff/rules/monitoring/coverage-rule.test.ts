import { coverageRule } from "../../../../lib/diff/rules/monitoring/coverage-rule";
import { holdsForOddJson, judgeWith, kindsOf, output, type Resources } from "./judge-with";

const COMMAND = ["node", "--max-old-space-size=48", "/opt/tallyman/tallyman.mjs"];

function probe(...args: readonly string[]): Resources {
  return cronJob([
    ["probe", "registry.example.com", "--exit-zero", "--push", "http://gateway:9091", ...args],
  ]);
}

function cronJob(lists: readonly (readonly string[])[], name = "kubernetes_cron_job_v1.probe"): Resources {
  const container = lists.map((args, at) => ({ name: `c${at}`, command: COMMAND, args }));
  const spec = { schedule: "0 * * * *", job_template: { spec: { template: { spec: { container } } } } };
  return { [name]: { metadata: { name: "integrity" }, spec } };
}

const NAME = "registry.example.com";

test.each<[readonly string[], readonly string[], string, string]>([
  [[], ["--repository", "a"], "risk coverage_reduced", "repositories walked all → a"],
  [
    ["--repository", "a", "--repository", "b"],
    ["--repository", "a"],
    "risk coverage_reduced",
    "repositories walked a, b → a",
  ],
  [
    ["--repository", "a"],
    ["--repository", "a", "--repository", "b"],
    "info coverage_widened",
    "repositories walked a → a, b",
  ],
  [["--repository", "a"], [], "info coverage_widened", "repositories walked a → all"],
  [[], ["--newest", "5"], "risk coverage_reduced", "newest tags of a repository all → 5"],
  [["--newest", "5"], ["--newest", "3"], "risk coverage_reduced", "newest tags of a repository 5 → 3"],
  [["--newest=5"], ["--newest=9"], "info coverage_widened", "newest tags of a repository 5 → 9"],
  [
    [],
    ["--blobs", "head"],
    "risk coverage_reduced",
    "blobs asked for by range → head, a head is blind to lost data",
  ],
  [
    [],
    ["--blobs", "rotate/4"],
    "risk coverage_reduced",
    "blobs asked for by range → rotate/4, data lost behind a cache is found in up to 4 runs",
  ],
  [
    ["--blobs", "rotate/4"],
    ["--blobs", "rotate/8"],
    "risk coverage_reduced",
    "blobs asked for by rotate/4 → rotate/8, data lost behind a cache is found in up to 8 runs",
  ],
  [
    ["--blobs", "rotate/4"],
    ["--blobs", "head"],
    "risk coverage_reduced",
    "blobs asked for by rotate/4 → head, a head is blind to lost data",
  ],
  [
    ["--blobs", "head"],
    ["--blobs", "rotate/9"],
    "info coverage_widened",
    "blobs asked for by head → rotate/9, data lost behind a cache is found in up to 9 runs",
  ],
  [["--blobs", "rotate/4"], [], "info coverage_widened", "blobs asked for by rotate/4 → range"],
  [[], ["--blobs", "full"], "info coverage_widened", "blobs asked for by range → full"],
  [
    ["--verify-bytes", "all"],
    ["--verify-bytes", "auto/7"],
    "risk coverage_reduced",
    "bytes verified all → auto/7",
  ],
  [
    ["--verify-bytes", "auto/7"],
    ["--verify-bytes", "1/2"],
    "risk coverage_reduced",
    "bytes verified auto/7 → 1/2",
  ],
  [
    [],
    ["--memory", "/var/lib/tallyman/main.memory"],
    "notice probe_option_changed",
    "manifests known from /var/lib/tallyman/main.memory are read within a day, not at each walk (--memory)",
  ],
  [
    ["--memory", "a"],
    [],
    "info probe_option_changed",
    "every manifest is read at each walk, as --memory is gone",
  ],
  [
    ["--memory", "a"],
    ["--memory", "b"],
    "info probe_option_changed",
    "memory kept at a → b: the next walk begins without one",
  ],
  [["--verify-bytes", "auto/7"], [], "risk coverage_reduced", "bytes verified auto/7 → none"],
  [[], ["--verify-bytes", "auto/7"], "info coverage_widened", "bytes verified none → auto/7"],
  [
    ["--private"],
    [],
    "risk coverage_reduced",
    "no longer checked that an anonymous request is refused (--private)",
  ],
  [
    [],
    ["--insecure-skip-tls-verify"],
    "risk tls_unverified",
    "any certificate is accepted (--insecure-skip-tls-verify)",
  ],
  [["--insecure-skip-tls-verify"], [], "info tls_verified", "its certificate is verified again"],
  [[], ["--accept-file", "/etc/a.json"], "notice probe_option_changed", "accept file none → /etc/a.json"],
  [
    ["--deadline", "5m"],
    ["--deadline", "1m"],
    "notice deadline_changed",
    "deadline of a walk 5m → 1m, a walk that takes longer stays incomplete",
  ],
  [
    ["--start-jitter", "60s"],
    ["--start-jitter", "0s"],
    "notice start_jitter_changed",
    "start delayed by up to 60s → 0s",
  ],
  [
    ["--interval", "15m"],
    ["--interval", "1h"],
    "notice probe_option_changed",
    "told to expect a run every 15m → 1h",
  ],
  [["--rate", "5"], [], "notice probe_option_changed", "--rate 5 → none"],
])("%j → %j", (before, after, kind, text) => {
  const found = judgeWith(coverageRule, output(probe(...before)), output(probe(...after)));
  expect(kindsOf(found)).toEqual([kind]);
  expect(found.judged[0]?.change.text).toBe(`${NAME}: ${text}.`);
  expect(found.open).toEqual([]);
});

test("a report that is no longer pushed reaches no alert; exit 0 is a risk where nothing is pushed", () => {
  const [pushed, silent] = [
    ["probe", NAME, "--push", "http://gateway:9091"],
    ["probe", NAME],
  ];
  const at = (...words: readonly string[]) => output(cronJob([words]));
  expect(kindsOf(judgeWith(coverageRule, at(...pushed), at(...silent)))).toEqual(["risk report_not_pushed"]);
  expect(kindsOf(judgeWith(coverageRule, at(...silent), at(...silent, "--exit-zero")))).toEqual([
    "risk probe_option_changed",
  ]);
  expect(kindsOf(judgeWith(coverageRule, at(...pushed), at(...pushed, "--exit-zero")))).toEqual([
    "notice probe_option_changed",
  ]);
});

test("a registry no longer probed is a risk, the last one a danger", () => {
  const [a, b] = [
    ["probe", "a.example.com"],
    ["probe", "b.example.com", "--instance", "b"],
  ];
  const both = output(cronJob([a, b]));
  const one = judgeWith(coverageRule, both, output(cronJob([a])));
  expect(one.lines).toEqual([
    "risk registry_not_probed monitoring/kubernetes_cron_job_v1.probe b: b: no longer probed: a loss is found by whoever pulls.",
  ]);
  expect(one.open).toEqual([]);
  const none = judgeWith(coverageRule, output(cronJob([a])), output({ "kubernetes_namespace_v1.a": {} }));
  expect(kindsOf(none)).toEqual(["danger registry_not_probed"]);
  expect(none.judged[0]?.covers).toEqual([]);
  const more = judgeWith(coverageRule, output(cronJob([a])), both);
  expect(more.lines).toEqual([
    expect.stringMatching(/^info coverage_widened .*: b: probed now by CronJob integrity\.$/),
  ]);
  expect(more.open).toEqual([]);
});

test("a registry that another stack still probes is a notice", () => {
  const [a, b] = [
    ["probe", "a.example.com"],
    ["probe", "b.example.com"],
  ];
  const other = cronJob([a, b], "other/kubernetes_cron_job_v1.probe");
  const found = judgeWith(
    coverageRule,
    output({ ...cronJob([a, b]), ...other }),
    output({ ...cronJob([a]), ...other }),
  );
  expect(kindsOf(found)).toEqual(["notice probe_removed"]);
});

test("an exporter probes by its own interval, of each of its registries", () => {
  const at = (interval: string) => {
    const container = [{ name: "a", image: "tallyman", args: ["serve", "a", "b", "--interval", interval] }];
    return output({
      "kubernetes_manifest.e": {
        manifest: {
          kind: "Deployment",
          metadata: { name: "e" },
          spec: { template: { spec: { containers: container } } },
        },
      },
    });
  };
  const found = judgeWith(coverageRule, at("15m"), at("1h"));
  expect(found.judged.map(({ change }) => `${change.grade} ${change.kind} ${change.text}`)).toEqual([
    "risk schedule_slower a: walked every 15m → 1h.",
    "risk schedule_slower b: walked every 15m → 1h.",
  ]);
  expect(found.open).toEqual([]);
});

test("an exporter in place of a CronJob still probes", () => {
  const container = [{ name: "c0", command: COMMAND, args: ["serve", NAME] }];
  const deployment = { metadata: { name: "e" }, spec: { template: { spec: { container } } } };
  const found = judgeWith(
    coverageRule,
    output(cronJob([["probe", NAME]])),
    output({ "kubernetes_deployment_v1.e": deployment }),
  );
  expect(found.judged.map(({ change }) => change.text)).toEqual([
    `${NAME}: probe by CronJob → serve by Deployment.`,
  ]);
});

test("nothing is said of what does not differ, of other programs, and of options in another order", () => {
  const same = probe("--newest", "5", "--private");
  expect(judgeWith(coverageRule, output(same), output(same)).judged).toEqual([]);
  const turned = probe("--private", "--newest", "5");
  expect(judgeWith(coverageRule, output(same), output(turned)).judged).toEqual([]);
  const other = (word: string) => output(cronJob([["backup", word]]));
  expect(judgeWith(coverageRule, other("a"), other("b")).judged).toEqual([]);
});

test("no secret of an option is shown", () => {
  const at = (password: string) =>
    output(cronJob([["probe", NAME, "--push", `https://user:${password}@gateway:9091`]]));
  const found = judgeWith(coverageRule, at("hunter2hunter2"), at("other2other2"));
  expect(found.judged).toHaveLength(1);
  expect(JSON.stringify(found.judged.map(({ change }) => change))).not.toMatch(/hunter2|other2/);
});

test("random outputs", () => {
  for (const type of ["kubernetes_cron_job_v1", "kubernetes_deployment_v1", "kubernetes_manifest"]) {
    holdsForOddJson(coverageRule, type, [
      "job_template",
      "template",
      "container",
      "args",
      "command",
      "CronJob",
    ]);
  }
});
