import fc from "fast-check";

/** What parsers of any format trip over. */
const TOKENS = [
  ..."\0 \u001b[31m \u202e \ufeff \ufffd \ud800 é 😀 __proto__ constructor toString null true -1 1e999 9007199254740993".split(
    " ",
  ),
  ...[
    "",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\n\n",
    '"',
    "'",
    "\\",
    "`",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "<script>",
  ],
  ...[
    "#",
    "//",
    "/*",
    "*/",
    "<<EOF\n",
    "$(",
    "${",
    "%{",
    "{{",
    "}}",
    "|",
    "|-\n",
    ">-\n",
    "&a ",
    "*a",
    "!!binary ",
    "? ",
  ],
  ..."-- - : ; , = @ % ~ .. ../ 0 00 0x1f 1_000 2026-02-30 99999999999999999999 sha256: :latest @sha256:".split(
    " ",
  ),
];

interface Edit {
  readonly at: number;
  readonly kind: "delete" | "repeat" | "insert" | "replace" | "swap" | "cut";
  readonly length: number;
  readonly token: string;
  readonly times: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("delete", "repeat", "insert", "replace", "swap", "cut"),
  length: fc.integer({ min: 1, max: 40 }),
  token: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...TOKENS) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
  ),
  times: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }) },
  ),
});

/** A text that once was good, with a few edits; now and then it still is, or is something else altogether. */
export function mutated(valid: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(fc.constantFrom(...valid), fc.array(edit, { maxLength: 6 })).map(edited),
    },
    {
      weight: 2,
      arbitrary: fc.array(fc.constantFrom(...TOKENS), { maxLength: 30 }).map((parts) => parts.join("")),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  );
}

/** The same as bytes, which need be no text at all. */
export function mutatedBytes(valid: readonly string[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(mutated(valid), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
    .map(([text, flips]) => {
      const bytes = Buffer.from(text);
      for (const [at, value] of flips) if (bytes.length > 0) bytes[at % bytes.length] = value;
      return bytes;
    });
}

/** JSON whose shape is right and whose values are not, at one place or another. */
export function mutatedJson(valid: readonly unknown[]): fc.Arbitrary<string> {
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      true,
      "",
      " ",
      -1,
      0,
      1.5,
      1e308,
      2 ** 53,
      "\u001b[2J",
      "__proto__",
      [],
      {},
      [null],
      [[]],
    ),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  return fc
    .tuple(
      fc.constantFrom(...valid),
      fc.array(fc.tuple(fc.nat(), odd, fc.boolean()), { minLength: 0, maxLength: 3 }),
    )
    .map(([value, edits]) => {
      let text = JSON.stringify(value);
      for (const [at, other, isRemoved] of edits)
        text = JSON.stringify(replaceAt(JSON.parse(text), at, other, isRemoved));
      return text;
    });
}

function edited([text, edits]: readonly [string, readonly Edit[]]): string {
  let now = text;
  for (const { at, kind, length, token, times } of edits) {
    const from = Math.floor(at * now.length);
    const [before, span, after] = [
      now.slice(0, from),
      now.slice(from, from + length),
      now.slice(from + length),
    ];
    if (kind === "delete") now = before + after;
    else if (kind === "repeat") now = before + span.repeat(times + 1) + after;
    else if (kind === "insert") now = before + token.repeat(times) + span + after;
    else if (kind === "replace") now = before + token.repeat(times) + after;
    else if (kind === "swap") now = after + span + before;
    else now = before;
    now = now.slice(0, 20_000);
  }
  return now;
}

/** Replaces, or removes, the n-th value of the tree, counted round. */
function replaceAt(root: unknown, at: number, other: unknown, isRemoved: boolean): unknown {
  const places: (readonly [object, string])[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return other;
  const [holder, key] = place;
  if (isRemoved) delete (holder as Record<string, unknown>)[key];
  else (holder as Record<string, unknown>)[key] = other;
  return root;
}
