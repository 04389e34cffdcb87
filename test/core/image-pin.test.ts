import { ImagePin } from "../../lib/core/image-pin";

const HEX = "0123456789abcdef".repeat(4);

test.each([
  ["registry:2.8.3", "registry", "2.8.3", null],
  ["node:22.11.0-bookworm-slim", "node", "22.11.0-bookworm-slim", null],
  ["ghcr.io/owner/app:v1.2.3", "ghcr.io/owner/app", "v1.2.3", null],
  ["registry.example.com:5050/app:1.2.3", "registry.example.com:5050/app", "1.2.3", null],
  ["[::1]:5000/a/b:2024.1.0", "[::1]:5000/a/b", "2024.1.0", null],
  [`nginx@sha256:${HEX}`, "nginx", null, `sha256:${HEX}`],
  [`nginx:alpine@sha256:${HEX}`, "nginx", "alpine", `sha256:${HEX}`],
  [`localhost:5000/app@sha512:${HEX}${HEX}`, "localhost:5000/app", null, `sha512:${HEX}${HEX}`],
])("%s is pinned", (reference, name, tag, digest) => {
  const pin = ImagePin.of(reference);
  expect({ name: pin.name, tag: pin.tag, digest: pin.digest }).toEqual({ name, tag, digest });
  expect(String(pin)).toBe(reference);
  expect(JSON.stringify([pin])).toBe(JSON.stringify([reference]));
});

test.each([
  "registry:2",
  "registry:2.8",
  "nginx:alpine",
  "nginx:latest",
  "node:22-slim",
  "app:main",
  "app:v1",
  "app:1.2.x",
])("%s floats, and the error says how to pin it", (reference) => {
  const name = reference.split(":")[0];
  expect(() => ImagePin.of(reference, "probe.image")).toThrow(
    `probe.image must be pinned: its tag moves, got "${reference}". Write the exact version, such as ${name}:2.8.3, or add the digest: ${reference}@sha256:<hex>.`,
  );
});

test.each(["registry", "registry.example.com:5050/app", "ghcr.io/a/b"])("%s has no tag", (reference) => {
  expect(() => ImagePin.of(reference)).toThrow(/^image must be pinned, got /);
});

test.each([
  ["", "name an image"],
  ["Registry:2.8.3", "name an image"],
  ["https://ghcr.io/a/b:1.2.3", "name an image"],
  ["a b:1.2.3", "name an image"],
  ["registry:", "have a valid tag"],
  [`registry:${"1".repeat(129)}`, "have a valid tag"],
  ["registry@sha256:abc", "have a whole digest"],
  [`registry@sha256:${HEX.toUpperCase()}`, "have a whole digest"],
  [`registry:2.8.3@md5:${HEX}`, "have a whole digest"],
  [`registry:2.8.3@sha256:${HEX}@sha256:${HEX}`, "have a whole digest"],
])("%j must %s", (reference, rule) => {
  expect(ImagePin.check(reference, "image")).toMatchObject([{ rule, value: reference }]);
});
