import fc from "fast-check";
import { parseRebuildHints } from "../../../lib/integrity/repair/rebuild-hints";

const catalog = (images: unknown, more: object = {}) => ({
  schema: "tallyman.catalog/1",
  groups: [{ services: [{ name: "shop", stack: "s", images, pipeline: "build.yml", ...more }] }],
});
const shop = { service: "shop", stack: "s", pipeline: "build.yml" };

test.each<[unknown, unknown[]]>([
  [catalog(["r.example.com:5050/team/app"]), [shop]],
  [catalog(["r.example.com:5050/team/app:1.2"]), [shop]],
  [catalog(["team/app"]), [shop]],
  [catalog(["team/app:latest"]), [shop]],
  [catalog(["other.example.com/team/app"]), []],
  [catalog(["r.example.com:5050/team/other"]), []],
  [
    catalog(["team/app"], { pipeline: undefined, stack: undefined }),
    [{ service: "shop", stack: null, pipeline: null }],
  ],
  [catalog(undefined), []],
  [catalog([1, null, "UPPER CASE", "team/app"]), [shop]],
  [catalog(["team/app"], { name: 1 }), []],
  [{ groups: [null, 1, { services: {} }, { services: [null, "x"] }] }, []],
])("%j", (value, expected) => {
  expect(parseRebuildHints(value, "r.example.com:5050")?.("team/app")).toEqual(expected);
});

test.each([[null], [[]], ["x"], [{}], [{ groups: {} }]])("%j is no catalogue", (value) => {
  expect(parseRebuildHints(value, "r")).toBeNull();
});

test("whatever the JSON, it is read or refused, never thrown at", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (groups, images) => {
      for (const value of [groups, { groups }, catalog(images), { groups: [{ services: [groups] }] }]) {
        const hints = parseRebuildHints(value, "r");
        if (hints !== null) expect(Array.isArray(hints("a"))).toBe(true);
      }
    }),
  );
});
