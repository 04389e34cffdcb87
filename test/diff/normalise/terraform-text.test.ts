// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own templates
import fc from "fast-check";
import { isTemplate, markTemplate, unescapeTemplate } from "../../../lib/diff/normalise/terraform-text";
import { escapeTerraform } from "../../../lib/terraform/escape";

const text = fc.string({ unit: fc.constantFrom("$", "%", "{", "}", "a", "\n", '"') });

test.each([
  ["plain", "plain", "plain", false],
  ["$${x}", "${x}", "${x}", false],
  ["%%{http_code}", "%{http_code}", "%{http_code}", false],
  ["$$${x}", "$${x}", "$${x}", false],
  ["${var.x}", "${var.x}", "${terraform:var.x}", true],
  ["a ${var.x} $${y}", "a ${var.x} ${y}", "a ${terraform:var.x} ${y}", true],
  ["%{ if x }", "%{ if x }", "%{terraform: if x }", true],
])("%j", (raw, plain, marked, isLive) => {
  expect(unescapeTemplate(raw)).toBe(plain);
  expect(markTemplate(raw)).toBe(marked);
  expect(isTemplate(raw)).toBe(isLive);
});

test("any text that was escaped comes back, and none of it is taken for a template", () => {
  fc.assert(
    fc.property(text, (plain) => {
      const raw = escapeTerraform(plain);
      expect(unescapeTemplate(raw)).toBe(plain);
      expect(markTemplate(raw)).toBe(plain);
      expect(isTemplate(raw)).toBe(false);
    }),
  );
});

test("two different strings of a configuration are two different texts", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      fc.pre(a !== b);
      expect(markTemplate(a)).not.toBe(markTemplate(b));
    }),
  );
});
