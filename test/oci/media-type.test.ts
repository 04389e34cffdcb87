import {
  essence,
  isForeignLayer,
  isImageType,
  isIndexType,
  isSchema1Type,
  MANIFEST_ACCEPT,
  MediaType,
} from "../../lib/oci/media-type";

test.each([
  ["application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.index.v1+json"],
  ["application/vnd.oci.image.index.v1+json; charset=utf-8", "application/vnd.oci.image.index.v1+json"],
  ["Application/VND.oci.Image.Index.v1+JSON ;x", "application/vnd.oci.image.index.v1+json"],
  ["  text/html  ", "text/html"],
  [";charset=utf-8", ""],
  ["", ""],
])("the essence of %j is %j", (mediaType, expected) => {
  expect(essence(mediaType)).toBe(expected);
});

test("a manifest request accepts both index types and both image types", () => {
  expect([...MANIFEST_ACCEPT].sort()).toEqual([
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
  ]);
});

test("a media type is of one class at most", () => {
  const classes = Object.entries(MediaType).map(([name, type]) => [
    name,
    [isIndexType(type) && "index", isImageType(type) && "image", isSchema1Type(type) && "schema1"]
      .filter(Boolean)
      .join(),
  ]);
  expect(classes.filter(([, found]) => found !== "")).toEqual([
    ["ociIndex", "index"],
    ["ociManifest", "image"],
    ["dockerList", "index"],
    ["dockerManifest", "image"],
    ["dockerSchema1", "schema1"],
    ["dockerSchema1Signed", "schema1"],
  ]);
});

test.each([
  ["application/vnd.oci.image.layer.nondistributable.v1.tar", true],
  ["application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true],
  ["application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", true],
  ["application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true],
  ["application/vnd.oci.image.layer.v1.tar+gzip", false],
  ["application/vnd.docker.image.rootfs.diff.tar.gzip", false],
  ["", false],
])("a registry need not hold %s: %s", (mediaType, expected) => {
  expect(isForeignLayer(mediaType)).toBe(expected);
});
