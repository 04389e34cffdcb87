import {
  alertRef,
  kebabCase,
  runbookOf,
  runbookRef,
  runbookUrl,
  serviceRef,
} from "../../lib/core/references";

test.each([
  ["RegistryManifestIntegrityFailure", "registry-manifest-integrity-failure"],
  ["RegistryTLSExpiresSoon", "registry-tls-expires-soon"],
  ["HTTP", "http"],
  ["Disk90Full", "disk90-full"],
  ["NodeDown2", "node-down2"],
  ["already-kebab", "already-kebab"],
  ["snake_case Name", "snake-case-name"],
])("%s is %s", (name, kebab) => {
  expect(kebabCase(name)).toBe(kebab);
});

test.each(["https://git.example.com/infra/blob/master", "https://git.example.com/infra/blob/master/"])(
  "the runbook's URL below %s",
  (base) => {
    expect(runbookUrl(base, "RegistryCatalogInaccessible")).toBe(
      "https://git.example.com/infra/blob/master/docs/runbooks/registry-catalog-inaccessible.md",
    );
  },
);

test("an alert has the runbook of its name, unless another is given", () => {
  expect(alertRef("RegistryCatalogInaccessible")).toEqual({
    kind: "alert",
    name: "RegistryCatalogInaccessible",
    runbook: runbookOf("RegistryCatalogInaccessible"),
  });
  const shared = runbookRef("docs/runbooks/registry.md");
  expect(alertRef("X", shared).runbook).toBe(shared);
  expect(serviceRef("registry")).toEqual({ kind: "service", name: "registry" });
});
