import type { JsonObject } from "../../../../lib/diff/json";
import { CATALOG } from "../../../../lib/diff/rules/catalog/catalog";
import { said, uncovered } from "../rule-input";

const service = (name: string, more: JsonObject = {}): JsonObject => ({
  ...{ name, description: "", stack: null, tier: null, status: "active", replacedBy: null, statusNote: null },
  ...{ tags: [], domains: { proxied: [], direct: [] }, alerts: [], runbooks: [], images: [], dependsOn: [] },
  ...{ owner: null, pipeline: null, ...more },
});
const estate = (services: readonly JsonObject[], more: JsonObject = {}) => {
  const catalog = {
    schema: "tallyman.catalog/1",
    groups: [{ title: "Core", tier: "core", services }],
    ...{ domains: { proxied: [], direct: [], special: [] }, surfaces: [], sections: [], ...more },
  };
  const text = JSON.stringify(catalog);
  return {
    resources: {
      "c/kubernetes_config_map_v1.x": {
        data: { "catalog.json": text, "index.html": text },
        metadata: { annotations: { "checksum/catalog": text } },
      },
    },
    artifacts: {
      "catalog/catalog.json": catalog,
      "stacks/catalog/assets/index.html": text,
      "catalog/service-catalog.md": text,
      "catalog/site/index.html": text,
      "catalog/alert-labels.yml": { text },
    },
  };
};
const blog = (more: JsonObject = {}) => [service("db"), service("blog", more)];
const domains = (proxied: readonly string[], direct: readonly string[]) => ({ domains: { proxied, direct } });

test.each<[string, OutputParts, OutputParts, readonly string[]]>([
  [
    "left",
    estate(blog(domains(["blog"], []))),
    estate([service("db")]),
    ["notice service_left: The service blog left the catalogue; it served blog."],
  ],
  [
    "left in use",
    estate(blog({ dependsOn: ["db"] })),
    estate([service("blog", { dependsOn: ["db"] })]),
    ["risk service_left_in_use: The service db left the catalogue, and blog still names it."],
  ],
  [
    "joined",
    estate([service("db")]),
    estate(blog()),
    ["info service_joined: The service blog joined the catalogue, in Core, tier core."],
  ],
  [
    "a domain to the ingress",
    estate(blog(domains(["blog"], []))),
    estate(blog(domains([], ["blog"]))),
    [
      "notice domain_moved: The domain blog moved from proxied to direct: clients see the ingress itself, and the proxy protects and caches nothing.",
    ],
  ],
  [
    "a domain of the lists",
    estate(blog(), { domains: { proxied: [], direct: ["a"], special: [] } }),
    estate(blog(), { domains: { proxied: ["a"], direct: [], special: [] } }),
    [
      "notice domain_moved: The domain a moved from direct to proxied: the proxy stands between, with its limits.",
    ],
  ],
  [
    "a new domain",
    estate(blog()),
    estate(blog(domains(["blog"], []))),
    ["info domain_added: The domain blog is new, proxied."],
  ],
  [
    "tier lowered",
    estate(blog()),
    estate(blog({ tier: "aux" })),
    ["notice tier_lowered: blog goes from core to aux in tier."],
  ],
  [
    "tier raised",
    estate(blog({ tier: "aux" })),
    estate(blog()),
    ["info tier_raised: blog goes from aux to core in tier."],
  ],
  [
    "a runbook lost",
    estate(blog({ runbooks: ["docs/a.md"] })),
    estate(blog()),
    ["notice runbook_lost: blog has no longer the runbook docs/a.md."],
  ],
  [
    "text",
    estate(blog({ description: "A" })),
    estate(blog({ description: "B" })),
    ["info catalog_text_changed: blog has another description: A became B."],
  ],
  [
    "order",
    estate(blog()),
    estate([...blog()].reverse()),
    [
      "info catalog_text_changed: The service catalogue is arranged anew; its services and domains are the same.",
    ],
  ],
])("%s: once, and nothing else is left to say", (_, before, after, expected) => {
  expect(said(CATALOG, before, after)).toEqual(expected);
  expect(uncovered(CATALOG, before, after)).toEqual([]);
});

test("nothing of what is the same, or is no catalogue", () => {
  expect(said(CATALOG, estate(blog()), estate(blog()))).toEqual([]);
  const odd = (name: string) => ({
    artifacts: { "catalog/catalog.json": { schema: "tallyman.catalog/1", groups: name } },
  });
  expect(said(CATALOG, odd("a"), odd("b"))).toEqual([]);
});

type OutputParts = Parameters<typeof said>[1];
