/** The page as text: what needs no browser. */
import { renderReportPage } from "../../lib/cli/report-page/report-page";
import { distance } from "../../lib/cli/report-page/time";
import { RunMemory } from "../../lib/integrity/exporter/run-memory";
import { assessmentOf, draft, STARTED_AT_MS } from "../integrity/assessment-fixture";

test("a list that is too long is cut, and says where the rest is", () => {
  const memory = new RunMemory("registry.example.com");
  const findings = Array.from({ length: 620 }, (_, i) => draft({ digest: null, tags: [`t${i}`] }));
  const facts = { assessment: assessmentOf({ findings }), endedAtMs: STARTED_AT_MS };
  memory.ended({ ...facts, authEnforced: null, tlsNotAfterMs: null }, null);
  const { html } = renderReportPage([memory], STARTED_AT_MS);
  expect(html.match(/<tr>\n<td/g)).toHaveLength(500);
  expect(html).toContain('and 120 more: <a href="report">the report</a> lists them.');
});

test.each([
  [0, "just now"],
  [-9_999, "just now"],
  [-10_000, "10 s ago"],
  [-59_999, "59 s ago"],
  [-60_000, "1 min ago"],
  [-7_200_000, "2 h ago"],
  [-86_400_000, "1 day ago"],
  [-200_000_000, "2 days ago"],
  [900_000, "in 15 min"],
])("%d ms from now is %s", (ms, text) => {
  expect(distance(STARTED_AT_MS + ms, STARTED_AT_MS)).toBe(text);
});
