import { asLink } from "../../../lib/integrity/disk/repository-links";
import { Digest } from "../../../lib/oci/digest";

const digest = Digest.sha256(Buffer.from("x"));

test.each([
  [`${digest}`, null, { kind: "there", value: digest }],
  [`${digest}`, digest, { kind: "there", value: digest }],
  [`${digest}\n`, digest, { kind: "malformed", detail: `the link holds no digest: "${digest}\\u000a"` }],
  ["", null, { kind: "malformed", detail: "the link is empty" }],
  // It is read byte by byte, and so may hold control characters of 8 bits, which JSON does not escape.
  [
    "\u001b[2J\u009b1m",
    null,
    { kind: "malformed", detail: 'the link holds no digest: "\\u001b[2J\\u009b1m"' },
  ],
  ["a".repeat(90), null, { kind: "malformed", detail: `the link holds no digest: "${"a".repeat(80)}…"` }],
])("a link that holds %j", (value, expected, link) => {
  expect(asLink({ kind: "there", value }, expected)).toEqual(link);
});
