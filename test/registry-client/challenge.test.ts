import fc from "fast-check";
import { parseChallenges } from "../../lib/registry-client/challenge";

function plain(header: string): unknown {
  return parseChallenges(header).map((one) => [one.scheme, Object.fromEntries(one.parameters)]);
}

test.each([
  ["", []],
  ["Basic", [["basic", {}]]],
  ['Basic realm="a, b"', [["basic", { realm: "a, b" }]]],
  [
    'Bearer realm="https://auth.example/token",service="reg",scope="repository:a:pull,push"',
    [["bearer", { realm: "https://auth.example/token", service: "reg", scope: "repository:a:pull,push" }]],
  ],
  [
    'Basic realm="x", Bearer realm="y", service=z',
    [
      ["basic", { realm: "x" }],
      ["bearer", { realm: "y", service: "z" }],
    ],
  ],
  [
    'Negotiate, Bearer realm=plain , error="say \\"no\\""',
    [
      ["negotiate", {}],
      ["bearer", { realm: "plain", error: 'say "no"' }],
    ],
  ],
  [
    'NTLM abc+/==, BEARER Realm = "r"',
    [
      ["ntlm", {}],
      ["bearer", { realm: "r" }],
    ],
  ],
  ['Bearer realm="first",realm="second"', [["bearer", { realm: "first" }]]],
  ['Bearer realm="open', [["bearer", {}]]],
  ["\u00e9 Bearer", []],
])("%s", (header, expected) => {
  expect(plain(header)).toEqual(expected);
});

test("what is written is read back, quoted as need be", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
  const value = fc.stringMatching(/^[ -~]{0,30}$/);
  const challenge = fc.tuple(name, fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 }));
  fc.assert(
    fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
      const header = challenges
        .map(([scheme, parameters]) => {
          const quoted = Object.entries(parameters).map(
            ([key, text]) => `${key}="${text.replace(/["\\]/g, "\\$&")}"`,
          );
          return `${scheme} ${quoted.join(", ")}`;
        })
        .join(", ");
      expect(parseChallenges(header).map((one) => [one.scheme, [...one.parameters]])).toEqual(
        challenges.map(([scheme, parameters]) => [scheme, Object.entries(parameters)]),
      );
    }),
  );
});

test("any text is read without an error, and soon", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      parseChallenges(text);
    }),
  );
  const startedAt = Date.now();
  for (const text of ['Bearer realm="\\', "a=", "a ", " ,", 'a="b",']) parseChallenges(text.repeat(8000));
  expect(Date.now() - startedAt).toBeLessThan(1000);
});
