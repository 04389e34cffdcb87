import { formatProblem } from "../../lib/core/problem";

test.each(["\u202e15m", "\u009b2J", "\u007f", "\u2066x"])(
  "a value such as %j reaches no terminal as it is",
  (value) => {
    const text = formatProblem({ path: "interval", rule: "be a duration", value, fix: "Write 15m." });
    expect(text).toMatch(/^interval must be a duration, got "[ -~]+"\. Write 15m\.$/);
    expect(text).toContain("\\u");
  },
);
