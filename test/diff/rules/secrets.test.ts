import { compareOutputs } from "../../../lib/diff/compare/compare-outputs";
import { secretRule } from "../../../lib/diff/rules/secrets";
import { findSecretValues } from "../../../lib/diff/secret-values";
import { makeOutput } from "../compare/make-output";
import { changesOf, said, uncovered } from "./rule-input";

const SECRETS = secretRule(findSecretValues);
const secret = (password: string | null) => ({
  resources: {
    "s/kubernetes_secret_v1.x": { metadata: { name: "x" }, data: password === null ? {} : { password } },
  },
});

test("a value in plain text is a danger, when it comes and when it changes, and is never shown", () => {
  for (const [before, after] of [
    [secret(null), secret("hunter2hunter2")],
    [secret("old-hunter2"), secret("hunter2hunter2")],
  ] as const) {
    const changes = changesOf(SECRETS, before, after);
    expect(changes.map(({ grade, kind }) => `${grade} ${kind}`)).toEqual(["danger secret_in_plain_text"]);
    expect(JSON.stringify(changes)).not.toMatch(/hunter2/);
    expect(changes[0]?.text).toMatch(/^Secret x has .* in plain text \(.+\): who reads/);
    expect(uncovered(SECRETS, before, after)).toEqual([]);
  }
});

test("one that stays, and a reference, are not said; one that goes is good to know", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own
  const reference = secret("${var.password}");
  expect(said(SECRETS, secret("hunter2hunter2"), secret("hunter2hunter2"))).toEqual([]);
  expect(said(SECRETS, secret(null), reference)).toEqual([]);
  expect(changesOf(SECRETS, secret("hunter2hunter2"), reference).map(({ kind }) => kind)).toEqual([
    "secret_no_longer_in_plain_text",
  ]);
});

test("another Secret is to be there before the apply", () => {
  const pod = (name: string) => ({
    resources: {
      "s/kubernetes_cron_job_v1.p": {
        spec: {
          volume: [{ name: "credentials", secret: { secret_name: name } }],
          container: [
            { name: "c", env: [{ name: "A", value_from: { secret_key_ref: { name, key: "k" } } }] },
          ],
        },
      },
    },
  });
  expect(said(SECRETS, pod("a"), pod("b"))).toEqual([
    "notice secret_reference_changed: kubernetes_cron_job_v1.p reads the Secret b where it read a: it must be there before the apply.",
  ]);
  expect(uncovered(SECRETS, pod("a"), pod("b"))).toEqual([]);
});

test("a secret that only moved with its resource is no other one", () => {
  const at = (id: string, other: string) => {
    const data = { password: "hunter2hunter2", other, one: "1", two: "2", three: "3" };
    return makeOutput({
      m: { resources: { [`kubernetes_config_map_v1.${id}`]: { metadata: { name: "x" }, data } } },
    });
  };
  const input = { base: at("x", "a"), head: at("y", "b") };
  const { deltas, renames } = compareOutputs(input.base, input.head);
  expect([renames.length, deltas.length]).toEqual([1, 1]);
  expect(SECRETS.judge({ ...input, deltas, renames })).toEqual([]);
});
