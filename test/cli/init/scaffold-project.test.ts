import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderProjectFiles, SCAFFOLD_VERSIONS } from "../../../lib/cli/init/scaffold-project";

test("a new repository has the versions that the library is tested with", () => {
  const own: unknown = JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8"));
  const { dependencies, devDependencies } = SCAFFOLD_VERSIONS;
  expect(own).toMatchObject({ devDependencies: { ...dependencies, ...devDependencies } });
});

test.each([
  ["0.1.0", false],
  ["file:../tallyman", true],
])("the library as %j: copied, not linked: %j", (library, isCopied) => {
  const files = renderProjectFiles({ name: "infra", library });
  expect(files.has(".npmrc")).toBe(isCopied);
  expect(JSON.parse(files.get("package.json") ?? "")).toMatchObject({ dependencies: { tallyman: library } });
});
