import fc from "fast-check";
import { blockHtml, inlineHtml } from "../../../lib/text/markdown/safe-html";

test.each([
  ["a **b** `c|d` ~~e~~", "a <strong>b</strong> <code>c|d</code> <del>e</del>"],
  ["1. no list # no heading", "1. no list # no heading"],
  ["two\nlines", "two lines"],
  ["a | b \\| c", "a | b | c"],
  ["<b onclick=x>hi</b>", "&#x3C;b onclick=x>hi&#x3C;/b>"],
  ["a<br>b", "a<br>\nb"],
  ["[x](javascript:alert(1))", "<a>x</a>"],
  ["[x](JaVaScRiPt:alert(1))", "<a>x</a>"],
  ["[x](data:text/html,a)", "<a>x</a>"],
  ["[x](https://example.com 'title')", '<a href="https://example.com">x</a>'],
  ["<https://example.com/?a&b>", '<a href="https://example.com/?a&#x26;b">https://example.com/?a&#x26;b</a>'],
  ["![pixel](https://evil.example/p.png)", '<a href="https://evil.example/p.png">pixel</a>'],
  ["", ""],
])("inline %j", (markdown, html) => {
  expect(inlineHtml(markdown)).toBe(html);
});

test("blocks: tables, fences, lists, headings with ids", () => {
  const html = blockHtml(
    "# A b\n\n## A b\n\n- x\n\n```sh\ndocker ps\n```\n\n| a |\n|--:|\n| 1 |\n<!-- gone -->",
    {
      idPrefix: "r-",
      headingOffset: 2,
    },
  );
  expect(html).toContain('<h3 id="r-a-b">A b</h3>');
  expect(html).toContain('<h4 id="r-a-b-1">A b</h4>');
  expect(html).toContain('<pre><code class="language-sh">docker ps\n</code></pre>');
  expect(html).toContain('<td align="right">1</td>');
  expect(html).not.toContain("gone");
});

test.each([
  ["../b.md#c", "https://h.example/docs/b.md#c"],
  ["b.md", "https://h.example/docs/runbooks/b.md"],
  ["../../../../../x", "https://h.example/x"],
  ["#c", "#c"],
  ["/root", "/root"],
  ["mailto:a@b.example", "mailto:a@b.example"],
  ["//other.example/a", "//other.example/a"],
])("the link %j leads to %j", (href, expected) => {
  const html = inlineHtml(`[x](${href})`, { baseHref: "https://h.example/docs/runbooks/" });
  expect(html).toBe(`<a href="${expected}">x</a>`);
});

test("a mapped link is sanitized too, and null takes it away", () => {
  expect(inlineHtml("[x](a)", { mapHref: () => "javascript:alert(1)" })).toBe("<a>x</a>");
  expect(inlineHtml("[*x*](a) y", { mapHref: () => null })).toBe("<em>x</em> y");
  expect(inlineHtml("[x](a.md)", { mapHref: () => "b.md", baseHref: "c/" })).toBe('<a href="b.md">x</a>');
  expect(inlineHtml("[x](a.md)", { mapHref: (href) => `#/runbook/${href}`, baseHref: "b/" })).toBe(
    '<a href="#/runbook/a.md">x</a>',
  );
});

const HOSTILE = fc
  .array(
    fc.constantFrom(
      ..."<script>|</script>|<img src=x onerror=alert(1)>|<a href='javascript:x'>|[a](javascript:x)|![b](data:c)".split(
        "|",
      ),
      ..."<style>|<!--|-->|`|```\n|\n\n|> |- |# |<iframe>|&#106;avascript:|[c]: javascript:y\n|[c]|\\|\"|'|<svg/onload=x>".split(
        "|",
      ),
      "| a |\n|---|\n",
      "text",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

test("nothing that runs or fetches survives, whatever the text", () => {
  const allowed =
    /^<\/?(?:a|blockquote|br|code|del|em|h[1-6]|hr|li|ol|p|pre|strong|table|tbody|td|th|thead|tr|ul)(?: (?:href="(?!\s*(?:javascript|data|vbscript):)[^"]*"|class="language-[^"]*"|id="[^"]*"|align="[a-z]+"|start="\d+"))*>$/i;
  fc.assert(
    fc.property(HOSTILE, (markdown) => {
      for (const html of [inlineHtml(markdown), blockHtml(markdown, { idPrefix: "x-" })]) {
        // What stands between quotes ends no tag.
        expect((html.match(/<(?:"[^"]*"|[^">])*>/g) ?? []).filter((tag) => !allowed.test(tag))).toEqual([]);
      }
    }),
    { numRuns: 500, examples: [["```<script>"]] },
  );
});
