import { firstBy, groupBy } from "../../lib/core/group-by";

test("items stand under each of their keys, in order, and an item without keys under none", () => {
  const groups = groupBy(["ab", "b", "", "a"], (word) => word);
  expect([...groups]).toEqual([
    ["a", ["ab", "a"]],
    ["b", ["ab", "b"]],
  ]);
});

test("of each key the first", () => {
  expect([...firstBy(["ab", "b", "ac"], (word) => word[0])]).toEqual([
    ["a", "ab"],
    ["b", "b"],
  ]);
});
