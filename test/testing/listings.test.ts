import { buildImage, EmbeddedRegistry, type EmbeddedRegistryOptions } from "../../lib/testing";
import { rawHttp } from "../support/raw-http";
import { errorCode } from "../support/registry-observer";

async function withRegistry(
  options: EmbeddedRegistryOptions,
  use: (registry: EmbeddedRegistry) => Promise<void>,
): Promise<void> {
  const registry = await EmbeddedRegistry.start(options);
  try {
    await use(registry);
  } finally {
    await registry.close();
  }
}

describe("lists", () => {
  const image = buildImage({ seed: "a" });

  /** Follows Link headers, or goes on by `last` where there are none, as often as new names come. */
  async function collect(
    registry: EmbeddedRegistry,
    path: string,
    key: string,
    byLast: boolean,
  ): Promise<string[][]> {
    const pages: string[][] = [];
    for (let next: string | null = `${registry.url}${path}`; next !== null; ) {
      const answer = await rawHttp(next);
      const names: string[] = Object(JSON.parse(answer.body.toString()))[key];
      if (names.length === 0) break;
      pages.push(names);
      const link = /^<(.+)>; rel="next"$/.exec(String(answer.headers.link))?.[1];
      next = byLast ? `${registry.url}${path}&last=${names.at(-1)}` : link ? `${registry.url}${link}` : null;
    }
    return pages;
  }

  test("1,001 repositories come in two pages; more than 1,000 at once are refused", async () => {
    await withRegistry({}, async (registry) => {
      const names = Array.from({ length: 1_001 }, (_, i) => `team/r${`${i}`.padStart(4, "0")}`);
      for (const name of [...names].reverse()) registry.put(name, "latest", image);
      const pages = await collect(registry, "/v2/_catalog?n=1000", "repositories", false);
      expect(pages.map((page) => page.length)).toEqual([1_000, 1]);
      expect(pages.flat()).toEqual(names);
      expect(errorCode(await rawHttp(`${registry.url}/v2/_catalog?n=1001`))).toBe(
        "PAGINATION_NUMBER_INVALID",
      );
    });
  });

  test("pages shorter than asked for are not the end", async () => {
    await withRegistry({ behaviour: { pageLimit: 3 }, tagsPaging: "link" }, async (registry) => {
      for (const name of ["a", "b", "c", "d"]) registry.put(name, "latest", image);
      for (const tag of ["4", "3", "2", "1"]) registry.storage.moveTag("a", tag, image.digest);
      expect(await collect(registry, "/v2/_catalog?n=100", "repositories", false)).toEqual([
        ["a", "b", "c"],
        ["d"],
      ]);
      expect(await collect(registry, "/v2/a/tags/list?n=100", "tags", false)).toEqual([
        ["1", "2", "3"],
        ["4", "latest"],
      ]);
    });
  });

  test("tags page by last without Link, or not at all and in no order", async () => {
    const fill = (registry: EmbeddedRegistry): void => {
      for (const tag of ["b", "c", "a"]) registry.put("app", tag, image);
    };
    await withRegistry({ tagsPaging: "last" }, async (registry) => {
      fill(registry);
      expect(await collect(registry, "/v2/app/tags/list?n=2", "tags", true)).toEqual([["a", "b"], ["c"]]);
    });
    await withRegistry({}, async (registry) => {
      fill(registry);
      expect(await collect(registry, "/v2/app/tags/list?n=2&last=b", "tags", false)).toEqual([
        ["b", "c", "a"],
      ]);
      for (const tag of ["a", "b", "c"]) registry.storage.deleteTag("app", tag);
      expect(JSON.parse((await rawHttp(`${registry.url}/v2/app/tags/list`)).body.toString())).toEqual({
        name: "app",
        tags: null,
      });
    });
  });

  test("there may be no catalogue", async () => {
    await withRegistry({ catalogue: false, behaviour: { catalogueRefusal: 405 } }, async (registry) => {
      expect((await rawHttp(`${registry.url}/v2/_catalog`)).status).toBe(405);
    });
  });
});
