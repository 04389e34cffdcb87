import fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { findSecrets } from "./secrets-scan";

const PASSWORD = 'p"ss w/rd?of+nobody';
const SECRETS = { password: PASSWORD };

const forms: readonly (readonly [form: string, content: string])[] = [
  ["as it is", `environment: PASSWORD=${PASSWORD};`],
  ["in JSON", JSON.stringify({ auth: { password: PASSWORD } })],
  ["in a URL", `http://user:${encodeURIComponent(PASSWORD)}@registry.example.com/`],
  ["in hexadecimal", Buffer.from(PASSWORD).toString("hex")],
  ["in Base64", `data:\n  password: ${Buffer.from(PASSWORD).toString("base64")}\n`],
];

test.each(forms)("a secret %s is found", (form, content) => {
  const report = findSecrets(SECRETS, [
    { name: "a log", content: "nothing" },
    { name: "a state", content },
  ]);
  expect(report).toContain(`a state: password, ${form}`);
  expect(report.join("\n")).not.toContain(PASSWORD);
});

test("nothing is found where nothing is", () => {
  const content = JSON.stringify({ username: "reader", hash: "$2y$05$q8pVpS8wYVYg2N1b", file: "password" });
  expect(findSecrets(SECRETS, [{ name: "a state", content }])).toEqual([]);
});

test("in Base64 it is found whatever stands before and behind it, as in an Authorization header", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 12, unit: "grapheme-ascii" }),
      fc.string(),
      fc.string(),
      fc.constantFrom("base64" as const, "base64url" as const),
      (secret, before, after, encoding) => {
        const content = Buffer.from(`${before}${secret}${after}`).toString(encoding);
        const found = findSecrets({ token: secret }, [{ name: "a header", content }]);
        expect(found).toContain("a header: token, in Base64");
      },
    ),
  );
});

test("a file within an archive is looked at, as in Terraform's plans", () => {
  const archive = Buffer.from(
    zipSync({ tfplan: strToU8(`x${PASSWORD}`), tfstate: strToU8("{}") }, { level: 9 }),
  );
  expect(archive.includes(PASSWORD)).toBe(false);
  expect(findSecrets(SECRETS, [{ name: "a plan", content: archive }])).toEqual([
    "a plan!tfplan: password, as it is",
  ]);
});

test("what would prove nothing is refused", () => {
  const place = { name: "a log", content: "text" };
  expect(() => findSecrets({}, [place])).toThrow("no secret");
  expect(() => findSecrets(SECRETS, [])).toThrow("no place");
  expect(() => findSecrets(SECRETS, [place, { name: "a state", content: "" }])).toThrow(
    "nothing to look at: a state",
  );
  expect(() => findSecrets({ pin: "1234" }, [place])).toThrow("pin must have at least 12");
});
