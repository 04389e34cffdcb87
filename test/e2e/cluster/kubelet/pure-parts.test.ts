import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { containerEnv, expandVariables } from "./container-env";
import { ContainerLog } from "./container-log";
import { mapPaths, quote, renderHostsFile } from "./container-root";
import type { ContainerState, ContainerView } from "./container-state";
import { renderLines, selectLines } from "./log-server";
import { parsePod, unsupportedFields } from "./pod-spec";
import { type PodView, podPhase, renderPodStatus } from "./pod-status";
import { ProbeCounter, probeSettings } from "./probe-loop";
import { parseQuantity } from "./quantity";

const ended = (exitCode: number): ContainerState => ({
  ...{ kind: "terminated", exitCode, reason: "", message: "" },
  ...{ startedAt: "t", finishedAt: "t" },
});
const running: ContainerState = { kind: "running", startedAt: "t" };
const waiting: ContainerState = { kind: "waiting", reason: "ContainerCreating" };

function container(state: ContainerState, more: Partial<ContainerView> = {}): ContainerView {
  const isDone = state.kind === "terminated";
  return {
    ...{ name: "a", image: "i", state, lastState: null, restartCount: 0 },
    ...{ isStarted: false, isReady: false, isDone, ...more },
  };
}

function view(containers: readonly ContainerView[], more: Partial<PodView> = {}): PodView {
  return {
    ...{ startTime: "t", podIp: "127.0.0.1", initContainers: [], containers },
    ...{ failure: null, isTerminated: false, ...more },
  };
}

describe("the phase of a pod", () => {
  test.each([
    ["Pending", view([container(waiting)])],
    ["Running", view([container(running)])],
    ["Running", view([container(running), container(ended(1))])],
    ["Running", view([container(ended(1), { isDone: false })])],
    ["Running", view([container(waiting, { lastState: ended(1) })])],
    ["Succeeded", view([container(ended(0)), container(ended(0))])],
    ["Failed", view([container(ended(0)), container(ended(3))])],
    ["Failed", view([container(waiting)], { initContainers: [container(ended(1))] })],
    ["Pending", view([container(waiting)], { initContainers: [container(ended(0))] })],
    ["Failed", view([container(running)], { failure: { reason: "DeadlineExceeded", message: "" } })],
    ["Succeeded", view([container(ended(0), { isDone: false })], { isTerminated: true })],
    ["Failed", view([container(waiting)], { isTerminated: true })],
  ])("%s", (phase, pod) => {
    expect(podPhase(pod)).toBe(phase);
  });

  test("a condition keeps its time while it stays as it was, and those of others stay", () => {
    const other = { type: "DisruptionTarget", status: "True" };
    const first = renderPodStatus(view([container(running)]), { conditions: [other] }, "1");
    const second = renderPodStatus(view([container(running, { isReady: true })]), first, "2");
    expect(second.conditions).toEqual(
      expect.arrayContaining([
        other,
        expect.objectContaining({ type: "Ready", status: "True", lastTransitionTime: "2" }),
        expect.objectContaining({ type: "Initialized", status: "True", lastTransitionTime: "1" }),
      ]),
    );
  });
});

test.each([
  ["$(A)", "1"],
  ["x$(A)$(B)y", "x1$(B)y"],
  ["$$(A)", "$(A)"],
  ["$A $(", "$A $("],
  ["$(constructor)", "$(constructor)"],
])("variables in %s", (text, expected) => {
  expect(expandVariables(text, { A: "1" })).toBe(expected);
});

test("a variable that the shell would drop is refused by its name", async () => {
  const pod = parsePod({
    metadata: { name: "a", namespace: "n", uid: "u" },
    spec: { containers: [{ name: "c", env: [{ name: "a.b", value: "1" }] }] },
  });
  const [first] = pod.containers;
  const sources = {
    configMap: async () => null,
    secret: async () => null,
    serviceAccountToken: async () => "",
  };
  if (first === undefined) throw new Error("no container");
  await expect(containerEnv(first, pod, sources)).rejects.toThrow("no variable of the name a.b");
});

test.each([
  ["96Mi", 96 * 2 ** 20],
  ["1G", 1e9],
  ["10m", 0.01],
  ["2", 2],
  ["1.5Ki", 1536],
])("quantity %s", (text, expected) => {
  expect(parseQuantity(text)).toBeCloseTo(expected, 6);
});

test.each(["", "Mi", "5 Mi", "5mb"])("no quantity: %j", (text) => {
  expect(() => parseQuantity(text)).toThrow("is no quantity");
});

test("a container's own security overrules the pod's, field by field; what is not there is named", () => {
  const pod = parsePod({
    metadata: { name: "a", namespace: "n", uid: "u" },
    spec: {
      securityContext: { runAsUser: 1, runAsNonRoot: true, fsGroup: 5 },
      volumes: [{ name: "h", hostPath: { path: "/" } }],
      containers: [
        { name: "c", securityContext: { runAsUser: 2 }, lifecycle: {}, livenessProbe: { exec: {} } },
      ],
    },
  });
  expect(pod.containers[0]).toMatchObject({ user: 2, mustNotBeRoot: true, group: null });
  expect(unsupportedFields(pod)).toEqual([
    expect.stringContaining("volume h of another kind"),
    "container c: livenessProbe by exec or grpc",
    "container c: lifecycle",
  ]);
});

test("a verdict comes when a threshold is reached, and again with each answer beyond it", () => {
  const counter = new ProbeCounter({ successThreshold: 1, failureThreshold: 2 });
  const answers = [true, false, true, false, false, false];
  expect(answers.map((one) => counter.count(one))).toEqual([true, null, true, null, false, false]);
  expect(probeSettings({ periodSeconds: 20 }, 300).periodMs).toBe(300);
});

test("paths are mapped at their borders, the longest first", () => {
  const mounts = [
    { path: "/opt", source: "/tmp/a" },
    { path: "/opt/tallyman", source: "/tmp/b" },
  ];
  expect(
    ["/opt/tallyman/x.mjs", "--ca=/opt/ca", "/options", "probe"].map((one) => mapPaths(one, mounts)),
  ).toEqual([...["/tmp/b/x.mjs", "--ca=/tmp/a/ca", "/options", "probe"]]);
});

test("any word passes a shell as it is", () => {
  const word = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
      const script = `printf '%s\\0' ${words.map(quote).join(" ")}`;
      expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(`${words.join("\0")}\0`);
    }),
    { numRuns: 20 },
  );
});

test("names lead to loopback", () => {
  expect(renderHostsFile("pod", ["gateway.monitoring"])).toContain(
    "127.0.0.1 localhost pod gateway.monitoring\n",
  );
});

test("a log is lines, whatever the chunks; the end is what has no line feed", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,5}$/)), (chunks) => {
      const log = new ContainerLog();
      for (const chunk of chunks) log.append("stdout", chunk, 0);
      log.close(0);
      const text = chunks.join("");
      expect(renderLines(log.read(), false)).toBe(text === "" || text.endsWith("\n") ? text : `${text}\n`);
    }),
  );
});

test("of a log the tail, or what is new, with times where they are asked for", () => {
  const lines = [1_000, 2_000, 3_000].map((atMs) => ({ atMs, text: `${atMs}` }));
  const select = (query: string) =>
    selectLines(lines, new URLSearchParams(query), 4_000).map(({ text }) => text);
  expect(select("tailLines=2")).toEqual(["2000", "3000"]);
  expect(select("tailLines=0")).toEqual([]);
  expect(select("sinceSeconds=2")).toEqual(["2000", "3000"]);
  expect(renderLines(lines.slice(0, 1), true)).toBe("1970-01-01T00:00:01.000Z 1000\n");
});
