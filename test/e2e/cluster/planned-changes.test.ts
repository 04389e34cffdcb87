import { readPlannedChanges } from "./planned-changes";

function change(address: string, actions: readonly string[], importing?: object) {
  return { address, mode: "managed", change: { actions, ...(importing === undefined ? {} : { importing }) } };
}

test("every action stands under its name, a replacement of either order under one", () => {
  const plan = {
    format_version: "1.2",
    resource_changes: [
      change("a.same", ["no-op"]),
      change("a.new", ["create"]),
      change("a.changed", ["update"]),
      change("a.gone", ["delete"]),
      change("a.first-deleted", ["delete", "create"]),
      change("a.first-created", ["create", "delete"]),
      change("a.let-go", ["forget"]),
      change("a.taken", ["no-op"], { id: "x" }),
      change("a.taken-and-changed", ["update"], { id: "y" }),
      { ...change("data.a.read", ["read"]), mode: "data" },
      { ...change("data.a.made", ["create"]), mode: "data" },
    ],
    resource_drift: [change("a.touched", ["update"])],
  };
  expect(readPlannedChanges(plan)).toEqual({
    create: ["a.new"],
    update: ["a.changed", "a.taken-and-changed"],
    replace: ["a.first-deleted", "a.first-created"],
    delete: ["a.gone"],
    forget: ["a.let-go"],
    imported: ["a.taken", "a.taken-and-changed"],
    drifted: ["a.touched"],
  });
});

test("a plan without resources has no changes; what is no plan is refused", () => {
  const none = { create: [], update: [], replace: [], delete: [], forget: [], imported: [], drifted: [] };
  expect(readPlannedChanges({ format_version: "1.2" })).toEqual(none);
  for (const odd of [null, [], "", {}, { resource_changes: [] }]) {
    expect(() => readPlannedChanges(odd)).toThrow(/^a plan must be JSON/);
  }
});
