import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ImageLock, ImageLockError, type LockedImage } from "../../lib/core/image-lock";
import * as versions from "../../lib/core/versions";

const digest = `sha256:${"a1".repeat(32)}`;
const resolved: LockedImage = {
  status: "resolved",
  digest,
  mediaType: "application/vnd.oci.image.index.v1+json",
  resolvedAt: "2026-04-19T03:25:00.000Z",
  reason: null,
};
const unresolved: LockedImage = {
  status: "unresolved",
  digest: null,
  mediaType: null,
  resolvedAt: null,
  reason: "unreachable",
};

const text = (images: unknown, schema = "tallyman.lock/1"): string => JSON.stringify({ schema, images });

test("a pin gets the digest where there is one, and is as written where there is none", () => {
  const lock = ImageLock.EMPTY.with("registry:2.8.3", resolved).with("nginx:1.28.0-alpine", unresolved);
  expect(`${lock.pin("registry:2.8.3")}`).toBe(`registry:2.8.3@${digest}`);
  expect(`${lock.pin("nginx:1.28.0-alpine")}`).toBe("nginx:1.28.0-alpine");
  expect(`${lock.pin("other:1.0.0")}`).toBe("other:1.0.0");
  const own = `registry:2.8.3@sha256:${"b2".repeat(32)}`;
  expect(`${lock.pin(own)}`).toBe(own);
  expect(() => lock.pin("registry:2")).toThrow(/must be pinned/);
  expect(lock.unresolved).toEqual(["nginx:1.28.0-alpine"]);
});

test.each([
  ["no JSON", "{", /is no JSON/],
  ["another schema", text({}, "tallyman.lock/2"), /tallyman\.lock\/1/],
  ["images as a list", text([]), /and images/],
  ["a floating key", text({ "registry:2": resolved }), /must be pinned/],
  ["a key with a digest", text({ [`registry:2.8.3@${digest}`]: resolved }), /without a digest/],
  ["a digest of no length", text({ "a:1.0.0": { ...resolved, digest: "sha256:ab" } }), /whole digest/],
  ["a digest in what is unresolved", text({ "a:1.0.0": { ...unresolved, digest } }), /have null for digest/],
  ["unresolved without reason", text({ "a:1.0.0": { ...unresolved, reason: null } }), /have a reason/],
  ["resolved without time", text({ "a:1.0.0": { ...resolved, resolvedAt: "today" } }), /resolvedAt/],
  ["no media type", text({ "a:1.0.0": { ...resolved, mediaType: "" } }), /media type/],
  ["a reason in what is resolved", text({ "a:1.0.0": { ...resolved, reason: "x" } }), /null for a reason/],
  ["another status", text({ "a:1.0.0": { ...resolved, status: "ok" } }), /status/],
  ["a further field", text({ "a:1.0.0": { ...resolved, more: 1 } }), /have the fields/],
  ["an entry that is a text", text({ "a:1.0.0": digest }), /be an object/],
])("refused: %s", (_what, content, message) => {
  expect(() => ImageLock.parse(content)).toThrow(ImageLockError);
  expect(() => ImageLock.parse(content)).toThrow(message);
});

test("what is written is read again, and the order of writing does not show", () => {
  const key = fc
    .tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/), fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)))
    .map(([name, version]) => `${name}:${version.join(".")}`);
  const entries = fc.uniqueArray(fc.tuple(key, fc.constantFrom(resolved, unresolved)), {
    selector: ([one]) => one,
    maxLength: 8,
  });
  fc.assert(
    fc.property(entries, (all) => {
      const build = (list: readonly (readonly [string, LockedImage])[]): ImageLock =>
        list.reduce((lock, [one, image]) => lock.with(one, image), ImageLock.EMPTY);
      const written = build(all).format();
      expect(ImageLock.parse(written).format()).toBe(written);
      expect(build([...all].reverse()).format()).toBe(written);
    }),
  );
});

test("every image of lib/core/versions.ts is in the committed lock", () => {
  const lock = ImageLock.parse(readFileSync(join(__dirname, "../../images.lock.json"), "utf8"));
  const images = Object.entries(versions)
    .filter(([name]) => name.endsWith("_IMAGE"))
    .map(([, image]) => image);
  expect(images.length).toBeGreaterThanOrEqual(4);
  expect([...lock.images.keys()]).toEqual([...images].sort());
});
