import { nextLink } from "../../lib/registry-client/link-header";

test.each([
  [undefined, null],
  ["", null],
  ['</v2/_catalog?last=a&n=2>; rel="next"', "/v2/_catalog?last=a&n=2"],
  ["</v2/x>; rel=next", "/v2/x"],
  ['</v2/x>;rel="prev next"', "/v2/x"],
  ['</v2/x>; title="a, b; rel=next"; REL="NEXT"', "/v2/x"],
  ['</first>; rel="prev", </second,2>; type="a"; rel="next"', "/second,2"],
  [['</first>; rel="prev"', '</second>; rel="next"'], "/second"],
  ['</v2/x>; rel="last"', null],
  ["</v2/x>", null],
  ["/v2/x; rel=next", null],
  ['</v2/x; rel="next"', null],
])("%j", (header, expected) => {
  expect(nextLink(header)).toBe(expected);
});

test("a long hostile header is read soon", () => {
  const startedAt = Date.now();
  for (const text of ["<", "<a>;", "<a>; b=", '<a>; b="', " ;"]) nextLink(text.repeat(8000));
  expect(Date.now() - startedAt).toBeLessThan(1000);
});
