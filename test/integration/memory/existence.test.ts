/** What a real registry looks at when it is asked for a manifest's existence, and what for a condition. */
import { buildImage } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { ACCEPT_ALL, rawHttp } from "../../support/raw-http";
import { deleteData, deleteRevisionLink, emptyData } from "../../support/storage-damage";
import { writeImage } from "../../support/write-image";

const image = buildImage({ seed: "existence" });
const LOSSES = {
  "its data deleted": (registry: Distribution) => deleteData(registry.root, image.digest),
  "its data emptied": (registry: Distribution) => emptyData(registry.root, image.digest),
  "its revision link deleted": (registry: Distribution) =>
    deleteRevisionLink(registry.root, "app", image.digest),
} as const;
const LOSS_NAMES = Object.keys(LOSSES) as (keyof typeof LOSSES)[];

describe.each(distributionVersions("what a registry looks at"))(
  "distribution %s",
  (version: DistributionVersion) => {
    describe.each(LOSS_NAMES)("a manifest with %s", (loss) => {
      let registry: Distribution;
      const ask = async (method: "GET" | "HEAD", reference: string, etag = ""): Promise<number> => {
        const headers = { ...ACCEPT_ALL, ...(etag === "" ? {} : { "if-none-match": etag }) };
        return (await rawHttp(`${registry.url}/v2/app/manifests/${reference}`, { method, headers })).status;
      };

      beforeAll(async () => {
        registry = await Distribution.start({ version });
        writeImage(registry.root, "app", "1.0", image);
        // Warm.
        expect(await ask("GET", "1.0")).toBe(200);
        LOSSES[loss](registry);
        await registry.restart();
      });

      afterAll(() => registry?.stop());

      test.each(["1.0", `${image.digest}`])("HEAD answers as GET does: %s", async (reference) => {
        const status = await ask("GET", reference);
        expect(status).toBe(loss === "its data emptied" ? 500 : 404);
        expect(await ask("HEAD", reference)).toBe(status);
      });

      test.each(["1.0", `${image.digest}`])(
        "If-None-Match is answered by 304, for what is lost: %s",
        async (reference) => {
          expect(await ask("GET", reference, `"${image.digest}"`)).toBe(304);
          expect(await ask("HEAD", reference, `"${image.digest}"`)).toBe(304);
        },
      );
    });

    test("a whole manifest's HEAD names its digest and its length", async () => {
      const registry = await Distribution.start({ version });
      try {
        writeImage(registry.root, "app", "1.0", image);
        const { headers } = await rawHttp(`${registry.url}/v2/app/manifests/1.0`, {
          method: "HEAD",
          headers: ACCEPT_ALL,
        });
        expect(headers).toMatchObject({
          "docker-content-digest": `${image.digest}`,
          "content-length": `${image.body.length}`,
          "content-type": image.mediaType,
        });
      } finally {
        await registry.stop();
      }
    });
  },
);
