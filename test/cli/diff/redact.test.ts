import { redactedTail } from "../../../lib/cli/diff/redact";

test.each([
  ["fetch https://me:hunter2@git.example/x failed", "fetch https://…@git.example/x failed"],
  ["Authorization: Bearer hunter2hunter2", "Authorization: … …"],
  ["authorization=hunter2 x", "authorization=… x"],
  ['{"password": "hunter2 more", "a": 1}', '{"password": …, "a": 1}'],
  ["REGISTRY_TOKEN=hunter2", "REGISTRY_TOKEN=…"],
  ["api-key: 'hunter2'", "api-key: …"],
  ["use ghp_hunter2hunter2", "use …"],
  ["vault hvs.hunter2hunter2", "vault …"],
  ["AKIAABCDEFGHIJKLMNOP", "…"],
  ["jwt eyJhbGciOiJI.eyJzdWIiOiIx.hunter2", "jwt …"],
  ["Error: no module 'token-store' in lib/secret.ts", "Error: no module 'token-store' in lib/secret.ts"],
])("%s", (line, shown) => {
  expect(redactedTail(line)).toEqual([shown]);
});

test("a private key of many lines is gone", () => {
  const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\nhunter2\n-----END OPENSSH PRIVATE KEY-----";
  expect(redactedTail(`a\n${key}\nb`)).toEqual(["a", "…", "b"]);
});

test("the last twenty lines stay, without colours and control characters", () => {
  const text = Array.from({ length: 30 }, (_, at) => `\u001b[31mline ${at}\u001b[0m\u0007`).join("\r\n\n");
  const lines = redactedTail(text);
  expect(lines).toHaveLength(20);
  expect(lines[19]).toBe("line 29\\u0007");
});
