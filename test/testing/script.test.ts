import { buildImage, EmbeddedRegistry, type Fault, type ScriptedFault } from "../../lib/testing";
import { ACCEPT_ALL, rawHttp } from "../support/raw-http";

const MANIFEST = "/v2/app/manifests/latest";

let registry: EmbeddedRegistry;

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("app", "latest", buildImage({ seed: "a" }));
});
afterEach(() => registry.close());

const ask = (): ReturnType<typeof rawHttp> => rawHttp(`${registry.url}${MANIFEST}`, { headers: ACCEPT_ALL });

function script(
  fault: Fault,
  rest: Omit<ScriptedFault, "fault"> = {},
): ReturnType<EmbeddedRegistry["script"]> {
  return registry.script({ fault, ...rest });
}

describe("which requests are hit", () => {
  const teapot: Fault = { kind: "status", status: 418 };

  async function statuses(count: number): Promise<number[]> {
    const seen: number[] = [];
    for (let i = 0; i < count; i += 1) seen.push((await ask()).status);
    return seen;
  }

  test.each<[string, Omit<ScriptedFault, "fault">, number[]]>([
    ["for ever", {}, [418, 418, 418, 418]],
    ["once", { times: 1 }, [418, 200, 200, 200]],
    ["later", { after: 2 }, [200, 200, 418, 418]],
    ["once, later", { after: 1, times: 1 }, [200, 418, 200, 200]],
  ])("%s", async (_, rest, expected) => {
    const fault = script(teapot, rest);
    expect(await statuses(4)).toEqual(expected);
    expect(fault.hits).toBe(expected.filter((status) => status === 418).length);
  });

  test.each<[string, Omit<ScriptedFault, "fault">, boolean]>([
    ["its method", { method: "GET" }, true],
    ["one of its methods", { method: ["HEAD", "GET"] }, true],
    ["another method", { method: "HEAD" }, false],
    ["a part of its path", { path: "/manifests/lat" }, true],
    ["an expression", { path: /latest$/g }, true],
    ["another path", { path: /\/blobs\// }, false],
    ["a predicate", { where: (request) => request.headers.accept !== undefined }, true],
    ["another predicate", { where: () => false }, false],
    ["the other host", { listener: "other-host" }, false],
  ])("by %s", async (_, rest, isHit) => {
    script(teapot, rest);
    expect(await statuses(2)).toEqual(isHit ? [418, 418] : [200, 200]);
  });

  test("the first in force decides; removed or cleared, the registry is itself again", async () => {
    const first = script(teapot);
    script({ kind: "status", status: 503 });
    expect(await statuses(1)).toEqual([418]);
    first.remove();
    expect(await statuses(1)).toEqual([503]);
    registry.clearScript();
    expect(await statuses(1)).toEqual([200]);
  });

  test("the other host fails apart", async () => {
    script(teapot, { listener: "other-host" });
    expect((await rawHttp(`${registry.otherUrl}${MANIFEST}`, { headers: ACCEPT_ALL })).status).toBe(418);
    expect(await statuses(1)).toEqual([200]);
  });
});
