import fc from "fast-check";
import { renderDiffTerminal } from "../../../lib/diff/render/render-terminal";
import { change, diffOf } from "./example-diff";

const plain = { isColoured: false };

test("worst first, with where and values, the verdict last", () => {
  const diff = diffOf(
    change("info", {
      kind: "text_changed",
      where: "artifacts/a.md",
      before: "a",
      after: null,
      text: "Reworded.",
    }),
    change("risk"),
    change("info", { text: "From */15 * * * * to 0 * * * *." }),
  );
  expect(renderDiffTerminal(diff, plain).split("\n")).toEqual([
    "RISK (1)",
    "  value_changed  monitoring/kubernetes_cron_job_v1.probe spec.schedule",
    "    The probe runs every hour instead of every 15 minutes.",
    "    - */15 * * * *",
    "    + 0 * * * *",
    "",
    "INFO (2)",
    "  text_changed  artifacts/a.md",
    "    Reworded.",
    "    - a",
    "  value_changed  monitoring/kubernetes_cron_job_v1.probe spec.schedule",
    "    From */15 * * * * to 0 * * * *.",
    "",
    "RISK: 1 risk, 2 info",
    "",
  ]);
});

test("nothing changed is one line", () => {
  expect(renderDiffTerminal(diffOf(), plain)).toBe("no change\n");
});

test("a value of many lines is cut, with a word on it", () => {
  const before = Array.from({ length: 12 }, (_, at) => `line ${at}`).join("\n");
  const shown = renderDiffTerminal(diffOf(change("notice", { before, after: null })), plain);
  expect(shown).toContain("    - line 7\n    - … and 4 more lines\n");
  expect(shown).not.toContain("line 8");
});

test("many changes of a grade are cut, with a word on it", () => {
  const diff = diffOf(...Array.from({ length: 203 }, () => change("risk")));
  expect(renderDiffTerminal(diff, plain)).toContain("  … and 3 more: --format json lists them\n");
});

test("colours are in it when asked for, and are all that differs", () => {
  const diff = diffOf(change("danger"), change("info"));
  const coloured = renderDiffTerminal(diff, { isColoured: true });
  expect(coloured).toContain("\u001b[1;31mDANGER (1)\u001b[0m");
  expect(coloured).toContain("\u001b[32m    + 0 * * * *\u001b[0m");
  // biome-ignore lint/complexity/useRegexLiterals: the escape is easier to see so
  expect(coloured.replace(new RegExp("\\u001b\\[[0-9;]*m", "g"), "")).toBe(renderDiffTerminal(diff, plain));
});

test("no text of an output reaches the terminal as more than printed characters", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("a", "\n", "\r", "\u001b[2J", "\u0007", "\u202e", "\u009b"),
  });
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, (where, before, after, text) => {
      const shown = renderDiffTerminal(diffOf(change("risk", { where, before, after, text })), plain);
      expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(shown)).toBe(false);
      expect(shown.split("\n")[1]).toMatch(/^ {2}value_changed {2}/);
    }),
  );
});
