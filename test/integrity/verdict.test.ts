import { Role } from "../../lib/integrity/object-graph";
import { judgeBlob, judgeManifest, missingKind, type Verdict } from "../../lib/integrity/verdict";
import { Digest } from "../../lib/oci/digest";
import { MediaType } from "../../lib/oci/media-type";
import type { BlobAnswer, ManifestAnswer } from "../../lib/registry-client/answers";

const body = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const digest = Digest.sha256(body);
const other = Digest.sha256(Buffer.from("other"));
const contentType = MediaType.ociIndex;
const present = { kind: "present", body, contentType, contentDigest: digest.toString() } as const;

function brief(verdict: Verdict): string {
  if (verdict.kind === "whole") return "whole";
  return verdict.kind === "broken" ? verdict.finding : verdict.reason;
}

test.each([
  ["root", "manifest_missing"],
  ["child", "index_child_missing"],
  ["config", "config_missing"],
  ["layer", "layer_missing"],
  ["subject", "index_child_missing"],
] as const)("a 404 of a %s is %s", (role, kind) => {
  expect(missingKind(Role[role])).toBe(kind);
});

const absent = { kind: "absent", status: 404, errorCode: "MANIFEST_UNKNOWN" } as const;
const sha512 = Digest.of("sha512", body);

describe.each([Role.root, Role.child, Role.subject])("a manifest in role %d", (role) => {
  const size = role === Role.root ? -1 : body.length;
  const missing = missingKind(role);
  test.each<[string, string, ManifestAnswer]>([
    ["as it should be", "whole", present],
    ["without Docker-Content-Digest", "whole", { ...present, contentDigest: null }],
    ["with a digest header that is none", "whole", { ...present, contentDigest: "W/etag" }],
    ["named by another algorithm", "whole", { ...present, contentDigest: sha512.toString() }],
    ["named by another digest", "digest_mismatch", { ...present, contentDigest: other.toString() }],
    ["with other bytes", "digest_mismatch", { ...present, body: Buffer.from(`${body} `) }],
    ["with no bytes", "digest_mismatch", { ...present, body: Buffer.alloc(0) }],
    ["404", missing, absent],
    ["410", missing, { kind: "absent", status: 410, errorCode: null }],
    ["cut short", "truncated", { kind: "truncated", expected: 34, actual: 12 }],
  ])("%s: %s", (_, expected, answer) => {
    expect(brief(judgeManifest(answer, digest, size, role))).toBe(expected);
  });
});

test("bytes of another size than the descriptor's are a mismatch, though their digest is right", () => {
  expect(judgeManifest(present, digest, body.length + 1, Role.child)).toEqual({
    kind: "broken",
    finding: "size_mismatch",
    detail: `the manifest has ${body.length} bytes, its descriptor says ${body.length + 1}`,
  });
});

test("a whole manifest is handed on, with what was read", () => {
  expect(judgeManifest(present, digest, -1, Role.root)).toEqual({
    kind: "whole",
    manifest: expect.objectContaining({ kind: "index", mediaType: contentType }),
    bytes: body.length,
    hashed: true,
  });
});

test.each([
  ["a sign-in page", "<html>", "manifest must be JSON"],
  ["an image without config", '{"layers":[]}', "config must be a descriptor"],
  ["a hostile field", '{"config":{"digest":"\\u001b[31m"}}', "config.digest must be sha256:"],
])("%s of the right digest is malformed", (_, text, detail) => {
  const bytes = Buffer.from(text);
  const own = Digest.sha256(bytes);
  const answer = {
    kind: "present",
    body: bytes,
    contentType: MediaType.ociManifest,
    contentDigest: null,
  } as const;
  const verdict = judgeManifest(answer, own, -1, Role.root);
  expect(verdict).toEqual({
    kind: "broken",
    finding: "malformed_manifest",
    detail: expect.stringContaining(detail),
  });
});

test("a manifest of sha512 is verified by sha512", () => {
  expect(brief(judgeManifest({ ...present, contentDigest: sha512.toString() }, sha512, -1, Role.root))).toBe(
    "whole",
  );
  expect(brief(judgeManifest({ ...present, body: Buffer.from("{}") }, sha512, -1, Role.root))).toBe(
    "digest_mismatch",
  );
});

describe.each([Role.config, Role.layer, Role.child])("a blob in role %d", (role) => {
  test.each<[BlobAnswer, string, string]>([
    [{ kind: "present", bytes: 1, hashed: false }, "whole", ""],
    [
      { kind: "absent", status: 404, errorCode: "BLOB_UNKNOWN" },
      missingKind(role),
      "answers 404 BLOB_UNKNOWN",
    ],
    [{ kind: "absent", status: 410, errorCode: null }, missingKind(role), "answers 410"],
    [{ kind: "truncated", expected: 100, actual: 99 }, "truncated", "99 of 100 bytes are there"],
    [
      { kind: "size_mismatch", expected: 100, actual: 101 },
      "size_mismatch",
      "the registry holds 101 bytes, the descriptor says 100",
    ],
    [
      { kind: "digest_mismatch", actual: other.toString() },
      "digest_mismatch",
      `the bytes have the digest ${other}`,
    ],
  ])("%j: %s", (answer, expected, detail) => {
    const verdict = judgeBlob(answer, role);
    expect(brief(verdict)).toBe(expected);
    expect(verdict.kind === "whole" ? "" : verdict.detail).toBe(detail);
  });
});

test("a registry's error code reaches nobody raw", () => {
  const errorCode = `\u001b]0;owned\u0007\n${"x".repeat(500)}`;
  const verdict = judgeBlob({ kind: "absent", status: 404, errorCode }, Role.layer);
  const detail = verdict.kind === "broken" ? verdict.detail : "";
  expect(detail).toMatch(/^answers 404 \\u001b\]0;owned\\u0007\\u000ax+…$/);
  expect(detail.length).toBeLessThan(120);
});
