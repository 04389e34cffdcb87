// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own templates
import { createHash } from "node:crypto";
import { MAX_TEXT_BYTES, normaliseArtifact } from "../../../lib/diff/normalise/normalise-artifact";
import type { ArtifactOutput } from "../../../lib/diff/output";

const bytes = (text: string) => Buffer.from(text);
const hashed = (content: Buffer): ArtifactOutput => ({
  kind: "bytes",
  sha256: createHash("sha256").update(content).digest("hex"),
  size: content.length,
});

test.each<[string, string, ArtifactOutput]>([
  ["a/b.json", '{"b":1,"a":[2]}', { kind: "data", value: { a: [2], b: 1 } }],
  [
    "a.yml",
    '# x\nb: 1\na: |\n  {"c": 1}\n',
    { kind: "data", value: { a: { "(document)": { c: 1 } }, b: 1 } },
  ],
  ["a.YAML", "---\na: 1\n---\nb: 2\n", { kind: "data", value: [{ a: 1 }, { b: 2 }] }],
  ["templates/a.yaml", '{{ .Files.Get "x" }}\n', { kind: "text", text: '{{ .Files.Get "x" }}\n' }],
  ["broken.json", '{"a":', { kind: "text", text: '{"a":' }],
  ["nginx.conf", "a: 1\nb: 2\n", { kind: "text", text: "a: 1\nb: 2\n" }],
  ["crontab", "0 3 * * * root true\n", { kind: "text", text: "0 3 * * * root true\n" }],
  ["a.md", "$${x} ${y}\n", { kind: "text", text: "$${x} ${y}\n" }],
  ["empty", "", { kind: "text", text: "" }],
])("%s", (path, text, artifact) => {
  expect(normaliseArtifact(path, bytes(text))).toEqual(artifact);
});

test.each([
  ["not UTF-8", "a.md", Buffer.from([0x61, 0xff, 0xfe])],
  ["with a zero", "a.txt", Buffer.from("a\0b")],
  ["a program", "tallyman.mjs", Buffer.from("x".repeat(MAX_TEXT_BYTES + 1))],
  ["data beyond measure", "a.json", Buffer.from(`["${"x".repeat(4 * 1024 * 1024)}"]`)],
])("%s is known by its hash", (_what, path, content) => {
  expect(normaliseArtifact(path, content)).toEqual(hashed(content));
});

test("data may be longer than a text", () => {
  const list = Array.from({ length: 20_000 }, (_, at) => at);
  expect(normaliseArtifact("a.json", bytes(JSON.stringify(list)))).toEqual({ kind: "data", value: list });
  const text = "x".repeat(MAX_TEXT_BYTES);
  expect(normaliseArtifact("a.txt", bytes(text))).toEqual({ kind: "text", text });
});
