import { Construct, RootConstruct } from "constructs";
import { ConstructIndex } from "../../lib/terraform/construct-index";

test("constructs are found by tree and key, in their order, until they or what holds them are removed", () => {
  const index = new ConstructIndex<Construct>();
  const tree = new RootConstruct("tree");
  const folder = new Construct(tree, "folder");
  const [one, two] = [new Construct(folder, "one"), new Construct(tree, "two")];
  for (const construct of [one, two]) index.add(tree, "key", construct);
  expect(index.find(tree, "key")).toEqual([one, two]);
  expect(index.find(tree, "other")).toEqual([]);
  expect(index.find(new RootConstruct("other"), "key")).toEqual([]);
  tree.node.tryRemoveChild("folder");
  new Construct(tree, "folder");
  expect(index.find(tree, "key")).toEqual([two]);
});
