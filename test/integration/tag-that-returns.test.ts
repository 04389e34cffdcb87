import { buildImage, EmbeddedRegistry } from "../../lib/testing";
import { damageOf, reportOf } from "../support/tallyman";

/** As the soak found it: deleted before it was asked for, pushed again between the second look and the list. */
test("a tag that goes away and returns while it is looked at is a race, not damage", async () => {
  const registry = await EmbeddedRegistry.start();
  try {
    const image = buildImage({ seed: "returns" });
    registry.put("team/app", "v1", image);
    registry.put("team/app", "v2", buildImage({ seed: "stays" }));
    const list = { path: /tags\/list/ };
    const asked = { path: /manifests\/v1$/ };
    registry.script({
      fault: { kind: "hook", run: () => registry.storage.deleteTag("team/app", "v1") },
      ...asked,
      times: 1,
    });
    registry.script({
      fault: { kind: "hook", run: () => registry.put("team/app", "v1", image) },
      ...list,
      after: 1,
      times: 1,
    });
    const { report } = await reportOf(["probe", registry.url]);
    expect(damageOf(report)).toEqual([]);
    expect(report.undetermined).toMatchObject([{ reason: "moved", repository: "team/app", reference: "v1" }]);
  } finally {
    await registry.close();
  }
});
