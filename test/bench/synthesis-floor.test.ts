/** What the synthesis section says of the estate: where its time goes, and what it is held against. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CpuProfile, partsOf } from "../../bench/synthesis/profile-parts";
import { profileTable } from "../../bench/synthesis/profile-table";
import { differences, elementsOf } from "../../bench/synthesis/same-resources";

/** A call tree of frames, each below the one before it; one sample of a millisecond in the last. */
function profileOf(...frames: readonly (readonly [functionName: string, url: string])[]): CpuProfile {
  const all = [["(root)", ""] as const, ...frames];
  return {
    nodes: all.map(([functionName, url], i) => ({
      id: i + 1,
      callFrame: { functionName, url },
      children: i + 1 < all.length ? [i + 2] : [],
    })),
    samples: [all.length],
    timeDeltas: [1_000],
  };
}

const LIB = "file:///home/me/tallyman/dist/lib/text/yaml.js";
const MODULES = "file:///home/me/tallyman/node_modules";

test.each<[string, CpuProfile, string]>([
  ["a room", profileOf(["renderYaml", LIB]), "lib/text"],
  ["Markdown", profileOf(["parse", LIB.replace("yaml", "markdown/mdast-bundle")]), "lib/text/markdown"],
  ["the stacks", profileOf(["main", "file:///home/me/tallyman/dist/stacks/main.js"]), "stacks"],
  [
    "a package with a scope",
    profileOf(["f", `${MODULES}/@cdktf/provider-helm/lib/x.js`]),
    "@cdktf/provider-helm",
  ],
  ["a package within a package", profileOf(["f", `${MODULES}/cdktf/node_modules/semver/index.js`]), "semver"],
  ["Node for a room", profileOf(["f", LIB], ["readFileSync", "node:fs"], ["open", ""]), "lib/text"],
  [
    "a module loaded by a room",
    profileOf(["f", LIB], ["wrapSafe", "node:internal/modules/cjs/loader"], ["open", "node:fs"]),
    "finding, reading and compiling modules",
  ],
  [
    "what a loaded module does",
    profileOf(["f", LIB], ["load", "node:internal/modules/cjs/loader"], ["", `${MODULES}/yaml/index.js`]),
    "yaml",
  ],
  ["the collector", profileOf(["f", LIB], ["(garbage collector)", ""]), "garbage collection"],
  ["Node's start", profileOf(["start", "node:internal/main"]), "Node itself: its start, native code"],
])("of %s", (_, profile, part) => {
  expect([...partsOf(profile)]).toEqual([[part, 1]]);
});

test("idle time is nobody's", () => {
  expect([...partsOf(profileOf(["(idle)", ""]))]).toEqual([]);
});

test("the table shows the estate's parts by size, and sums what is below a hundredth", () => {
  const parts = {
    bare: new Map([["cdktf", 2]]),
    raw: new Map([["cdktf", 10]]),
    estate: new Map([
      ["tiny", 0.5],
      ["cdktf", 19.5],
      ["lib/text", 80],
    ]),
  };
  expect(profileTable(parts).rows).toEqual([
    ["lib/text", "0", "0", "80.0", "80.0 %"],
    ["cdktf", "2.00", "10.0", "19.5", "19.5 %"],
    ["all else", "0", "0", "0.50", "0.50 %"],
    ["together", "2.00", "10.0", "100", "100 %"],
  ]);
});

test("an output is held against the raw resources element by element, without cdktf's comments", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-floor-"));
  const write = (output: string, name: string, comment: string): ReturnType<typeof elementsOf> => {
    mkdirSync(join(folder, output, "stacks", "one"), { recursive: true });
    const args = { "//": comment, metadata: { name } };
    const document = {
      resource: { config_map: { a: args } },
      provider: { kubernetes: [{}] },
      terraform: comment,
    };
    writeFileSync(join(folder, output, "stacks", "one", "cdk.tf.json"), JSON.stringify(document));
    return elementsOf(join(folder, output));
  };
  try {
    const estate = write("estate", "a", "1");
    expect([...estate.keys()]).toEqual(["one resource config_map a", "one provider kubernetes"]);
    expect(differences(estate, write("same", "a", "2"))).toEqual([]);
    expect(differences(estate, write("other", "b", "1"))).toEqual(["one resource config_map a"]);
    expect(differences(estate, new Map())).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
