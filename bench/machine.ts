/** The machine and the programs that a run was measured with: nothing that names a host, a user or a path. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { findDistribution3, findTool } from "../test/support/require-tool";

type Pairs = readonly (readonly [name: string, value: string])[];

export function machine(): Pairs {
  const all = cpus();
  return [
    ["cores", `${all.length}`],
    ["processor", all[0]?.model.trim() ?? "unknown"],
    ["memory", `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`],
    ["system", `${distribution()}, Linux ${release().replace(/[^\d.].*$/, "")}`],
  ];
}

/** By name: the program, the words that ask it, and what of its answer is the version. */
const PROGRAMS: readonly (readonly [name: string, path: string | null, words: readonly string[]])[] = [
  ["docker-registry", findTool("docker-registry"), ["--version"]],
  ["distribution 3", findDistribution3(), ["--version"]],
  ["wrk", findTool("wrk"), ["--version"]],
  ["ab", findTool("ab"), ["-V"]],
  ["curl", findTool("curl"), ["--version"]],
  ["crane", findTool("crane"), ["version"]],
  ["skopeo", findTool("skopeo"), ["--version"]],
  ["find", findTool("find"), ["--version"]],
  ["Python", findTool("python3"), ["--version"]],
];

export function versions(): Pairs {
  const packages = ["cdktf", "@cdktf/provider-kubernetes"].map(
    (name) => [name, packageVersion(`node_modules/${name}/package.json`)] as const,
  );
  const programs = PROGRAMS.flatMap(([name, path, words]) => {
    if (path === null) return [];
    const { stdout, stderr } = spawnSync(path, words, { encoding: "utf8", timeout: 10_000 });
    return [[name, firstVersion(`${stdout}${stderr}`)] as const];
  });
  return [
    ["tallyman", packageVersion("package.json")],
    ["Node", process.versions.node],
    ...packages,
    ...programs,
  ];
}

function packageVersion(path: string): string {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(path, "utf8"));
  return manifest.version;
}

/** `3.1.2` of a line that has more to say, without what a build outside a repository adds. */
function firstVersion(output: string): string {
  const version = /\d+\.\d+(?:\.\d+)?[\w.+~-]*/.exec(output)?.[0] ?? "unknown";
  return version.replace(/\+unknown$/, "");
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  } catch {
    return "Linux";
  }
}
