import { type Lack, requiredLacks } from "./needs";

const LACKS: readonly Lack[] = [
  { need: "kubectl", line: "kubectl is missing" },
  { need: "providers", line: "the providers are missing" },
];

test.each<[string | undefined, readonly string[]]>([
  [undefined, []],
  ["", []],
  ["0", []],
  ["1", ["kubectl", "providers"]],
  ["kubectl", ["kubectl"]],
  ["api,kubectl,crds", ["kubectl"]],
  ["api", []],
])("TALLYMAN_REQUIRE_E2E=%s fails for %j", (required, failing) => {
  expect(requiredLacks(LACKS, required).map(({ need }) => need)).toEqual(failing);
});

test("a word that is no need is refused, as it would require nothing", () => {
  expect(() => requiredLacks(LACKS, "kubectl,true")).toThrow(/must be 1 or of api, .*, got true\./);
});
