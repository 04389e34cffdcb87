import { formatPlatform, MalformedError, parseDescriptor } from "../../lib/oci/descriptor";

const digest = `sha256:${"a".repeat(64)}`;
const sound = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 7 };

test("a bare descriptor", () => {
  expect(parseDescriptor(sound, "config")).toEqual({
    mediaType: "application/vnd.oci.image.config.v1+json",
    digest: expect.objectContaining({ algorithm: "sha256", hex: "a".repeat(64) }),
    size: 7,
    data: null,
    platform: null,
    isAttestation: false,
  });
});

test("a missing media type is empty, one with parameters is stripped", () => {
  expect(parseDescriptor({ digest, size: 0 }, "x").mediaType).toBe("");
  expect(parseDescriptor({ ...sound, mediaType: "Text/Plain; q=1" }, "x").mediaType).toBe("text/plain");
});

test("inline data is decoded", () => {
  expect(parseDescriptor({ ...sound, data: "e30=" }, "x").data?.toString()).toBe("{}");
  expect(parseDescriptor({ ...sound, data: "" }, "x").data).toHaveLength(0);
  expect(parseDescriptor({ ...sound, data: null }, "x").data).toBeNull();
});

test.each([
  [{ os: "linux", architecture: "amd64" }, "linux/amd64"],
  [{ os: "linux", architecture: "arm", variant: "v7" }, "linux/arm/v7"],
  [{ os: "linux", architecture: "arm64", variant: "" }, "linux/arm64"],
  [{ os: "windows", architecture: "amd64", "os.version": "10.0.1" }, "windows/amd64"],
  [{ os: "linux" }, "linux/unknown"],
  [{ architecture: "amd64" }, "unknown/amd64"],
])("the platform %j reads %s", (platform, text) => {
  const descriptor = parseDescriptor({ ...sound, platform }, "x");
  expect(descriptor.platform === null ? null : formatPlatform(descriptor.platform)).toBe(text);
  expect(descriptor.isAttestation).toBe(false);
});

test.each([
  [{ platform: { os: "unknown", architecture: "unknown" } }, true],
  [{ annotations: { "vnd.docker.reference.type": "attestation-manifest" } }, true],
  [{ platform: { os: "linux", architecture: "unknown" } }, false],
  [{ annotations: { "vnd.docker.reference.type": 1 } }, false],
  [{ annotations: ["vnd.docker.reference.type"] }, false],
  // Some tools write empty platforms for images: what says nothing is no attestation.
  [{ platform: {} }, false],
  [{ platform: { os: "", architecture: "" } }, false],
])("%j is an attestation: %s", (fields, expected) => {
  expect(parseDescriptor({ ...sound, ...fields }, "x").isAttestation).toBe(expected);
});

test("a platform that says nothing is none", () => {
  expect(parseDescriptor({ ...sound, platform: { os: "", architecture: "" } }, "x").platform).toBeNull();
});

test.each([
  [null, "layers[3] must be an object"],
  [[], "layers[3] must be an object"],
  ["sha256:aa", "layers[3] must be an object"],
  [{ ...sound, digest: undefined }, "layers[3].digest must be sha256:<64 hex> or sha512:<128 hex>"],
  [{ ...sound, digest: "sha256:aa" }, "layers[3].digest must be sha256:<64 hex> or sha512:<128 hex>"],
  [{ ...sound, digest: 7 }, "layers[3].digest must be sha256:<64 hex> or sha512:<128 hex>"],
  [{ ...sound, size: undefined }, "layers[3].size must be a whole number of bytes, 0 or more"],
  [{ ...sound, size: "7" }, "layers[3].size must be a whole number of bytes, 0 or more"],
  [{ ...sound, size: -1 }, "layers[3].size must be a whole number of bytes, 0 or more"],
  [{ ...sound, size: 0.5 }, "layers[3].size must be a whole number of bytes, 0 or more"],
  [{ ...sound, size: 2 ** 53 }, "layers[3].size must be a whole number of bytes, 0 or more"],
  [{ ...sound, mediaType: 7 }, "layers[3].mediaType must be a string"],
  [{ ...sound, data: "not base64!" }, "layers[3].data must be base64"],
  [{ ...sound, data: 7 }, "layers[3].data must be base64"],
  [{ ...sound, platform: "linux/amd64" }, "layers[3].platform must be an object"],
  [{ ...sound, platform: { os: 7, architecture: "amd64" } }, "layers[3].platform.os must be a string"],
  [{ ...sound, platform: { variant: {} } }, "layers[3].platform.variant must be a string"],
])("%j: %s", (value, message) => {
  const parse = () => parseDescriptor(value, "layers[3]");
  expect(parse).toThrow(MalformedError);
  expect(parse).toThrow(message);
});
