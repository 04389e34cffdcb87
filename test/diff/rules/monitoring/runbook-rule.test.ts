import { runbookRule } from "../../../../lib/diff/rules/monitoring/runbook-rule";
import { holdsForOddJson, judgeWith, output } from "./judge-with";

const BASE_URL = "https://git.example.com/infra/blob/main";

/** An alert with that link, and the runbooks by their names. */
function at(link: string, ...runbooks: readonly string[]) {
  const rule = { alert: "Broken", expr: "up == 0", annotations: { runbook_url: link } };
  return output(
    { "kubernetes_manifest.r": { manifest: { spec: { groups: [{ name: "g", rules: [rule] }] } } } },
    Object.fromEntries(runbooks.map((name) => [`runbooks/${name}.md`, `# ${name}\n`])),
  );
}

const LINK = `${BASE_URL}/docs/runbooks/broken.md`;

test.each<[string, ReturnType<typeof output>, ReturnType<typeof output>]>([
  ["its file went", at(LINK, "broken", "other"), at(LINK, "other")],
  ["the link is new", at(`${BASE_URL}/docs/runbooks/other.md`, "other"), at(LINK, "other")],
  ["the alert is new", output({}, { "runbooks/other.md": "# other\n" }), at(`${LINK}#impact`, "other")],
])("a link without a file is a risk: %s", (_name, base, head) => {
  const found = judgeWith(runbookRule, base, head);
  expect(found.lines).toEqual([
    expect.stringMatching(
      /^risk runbook_missing monitoring\/kubernetes_manifest\.r Broken: Broken: its runbook runbooks\/broken\.md is not among the artifacts, the link https:\S+ may lead nowhere\.$/,
    ),
  ]);
  // The link is told by whom it concerns; that the file went is this.
  expect(found.open.filter((one) => one.includes("broken.md"))).toEqual([]);
});

test.each<[string, ReturnType<typeof output>, ReturnType<typeof output>]>([
  ["nothing differs", at(LINK, "other"), at(LINK, "other")],
  ["it was missing before", at(LINK, "other"), at(LINK, "other", "third")],
  ["its file came", at(LINK, "other"), at(LINK, "other", "broken")],
  ["no runbook is among the artifacts", at(LINK), at(`${BASE_URL}/docs/runbooks/new.md`)],
  ["the link leads elsewhere", at(LINK, "broken"), at("https://wiki.example.com/broken", "broken")],
])("nothing is said where %s", (_name, base, head) => {
  expect(judgeWith(runbookRule, base, head).judged).toEqual([]);
});

test("random outputs", () => {
  holdsForOddJson(runbookRule, "kubernetes_manifest", [
    "alert",
    "expr",
    "annotations",
    "runbook_url",
    "runbook",
  ]);
});
