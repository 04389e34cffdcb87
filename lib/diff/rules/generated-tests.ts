import { type Delta, withoutDocuments } from "../delta";
import { isJsonObject } from "../json";
import type { SynthesizedOutput } from "../output";
import { judged, type Statement } from "./common/statement";
import type { DomainRule } from "./domain-rule";

/** Proofs of alerting rules, which are written out of the rules: however much of them differs, one sentence. */
export const GENERATED_TESTS: DomainRule = {
  name: "generated-tests",
  judge: ({ base, head, deltas }) => {
    const changed = new Set(deltas.flatMap(({ place }) => (place.kind === "artifact" ? [place.path] : [])));
    const tests = [...changed].filter((path) => isTest(path, base) && isTest(path, head)).sort();
    const following = tests.filter((path) => changed.has(ruleFileOf(path)));
    const alone = tests.filter((path) => !changed.has(ruleFileOf(path)));
    return judged([
      ...statements(following, "follow the rules", deltas),
      ...statements(alone, "are written anew, and the rules themselves are the same", deltas),
    ]);
  },
};

const NAME = /\.test\.(ya?ml)$/;

/** https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
function isTest(path: string, { artifacts }: SynthesizedOutput): boolean {
  const artifact = artifacts.get(path);
  if (!NAME.test(path) || artifact?.kind !== "data" || !artifacts.has(ruleFileOf(path))) return false;
  return isJsonObject(artifact.value) && "rule_files" in artifact.value && "tests" in artifact.value;
}

function ruleFileOf(path: string): string {
  return path.replace(NAME, ".$1");
}

function statements(paths: readonly string[], words: string, deltas: readonly Delta[]): readonly Statement[] {
  const counts = paths.map((path) => {
    const tests = deltasOf(path, deltas).map((delta) => withoutDocuments(delta.path).slice(0, 2).join("."));
    return `${new Set(tests).size} of ${path}`;
  });
  const text = `Tests of the alerting rules ${words}: ${counts.join(", ")}.`;
  return paths.map((path) => ({
    ...{ grade: "info", kind: "generated_changed", subject: words, before: null, after: null, text },
    ...{ place: { kind: "artifact", path }, steps: [], covers: deltasOf(path, deltas) },
  }));
}

function deltasOf(path: string, deltas: readonly Delta[]): readonly Delta[] {
  return deltas.filter(({ place }) => place.kind === "artifact" && place.path === path);
}
