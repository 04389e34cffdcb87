import type { Import, SourceFile } from "./source-files";

/** What a layer may import: folders of lib (all of one, or one file), packages, and whether built-in modules. */
interface Layer {
  readonly lib: readonly string[];
  readonly packages?: readonly string[];
  /** Built-in modules: all, or those named. */
  readonly node?: true | readonly string[];
}

const FILES_AND_HASHES = ["node:crypto", "node:fs", "node:path"];
/** Of node:net they use isIP, which is pure. */
const CAPABILITY: Layer = {
  lib: ["core", "oci", "text", "terraform", "integrity/contract"],
  node: [...FILES_AND_HASHES, "node:net"],
};
const PROGRAM: readonly string[] = ["core", "oci", "registry-client", "integrity"];

/** By folder of lib. Each may import itself; constructs' packages are a rule of their own. */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { lib: [] },
  oci: { lib: ["core"], node: ["node:crypto"] },
  "registry-client": { lib: ["core", "oci"], node: true },
  integrity: { lib: ["core", "oci", "registry-client"], node: true },
  text: { lib: ["core"], packages: ["yaml"] },
  terraform: { lib: ["core"], node: FILES_AND_HASHES },
  // The PromQL grammar; test/architecture.test.ts holds that one file alone knows it.
  monitoring: { ...CAPABILITY, packages: ["@prometheus-io/lezer-promql", "@lezer/lr"] },
  "registry-host": CAPABILITY,
  pipeline: CAPABILITY,
  catalog: CAPABILITY,
  diff: {
    lib: ["core", "text", "integrity/contract", "monitoring", "registry-host", "catalog"],
    node: FILES_AND_HASHES,
  },
  testing: { lib: ["core", "oci", "diff"], node: true },
  cli: {
    lib: [...PROGRAM, "text", "testing", "diff", "monitoring", "registry-host", "catalog", "pipeline"],
    packages: ["commander"],
    node: true,
  },
};

const CONSTRUCT_FOLDERS = ["monitoring", "registry-host", "pipeline", "catalog"];

/** One line for each import that the layers forbid. */
export function layerViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.imports
      .map((one) => ({ one, why: forbids(file, one) }))
      .filter(({ why }) => why !== null)
      .map(({ one, why }) => `${file.path} imports ${one.specifier}: ${why}`),
  );
}

function forbids(file: SourceFile, one: Import): string | null {
  if (/^@cdktf\/provider-[a-z]+(?:\/lib)?$/.test(one.specifier)) {
    return "a provider's index costs seconds, import lib/<resource>";
  }
  const [top, folder = ""] = file.path.split("/");
  if (top === "stacks") return forbidsStack(file, one);
  // lib/index.ts exports from everywhere and imports nothing else.
  if (top !== "lib") return null;
  if (folder === "index.ts") return one.file?.startsWith("lib/") ? null : "the index only exports from lib";
  const layer = LAYERS[folder];
  if (layer === undefined) return `${folder} is no layer: name it in test/support/import-rules.ts`;
  if (one.file !== null) return forbidsFile(folder, layer, one.file);
  if (one.specifier.startsWith("node:")) {
    const isAllowed = layer.node === true || layer.node?.includes(one.specifier);
    return isAllowed ? null : `${folder} does not touch that module`;
  }
  if (isConstructPackage(one.specifier)) return forbidsConstruct(file, folder, one);
  return layer.packages?.includes(one.specifier) ? null : `${folder} does not use that package`;
}

function forbidsFile(folder: string, layer: Layer, target: string): string | null {
  const inLib = target.replace(/^lib\//, "");
  const allowed = [folder, ...layer.lib].some((one) => inLib.startsWith(`${one}/`) || inLib === `${one}.ts`);
  return target.startsWith("lib/") && allowed
    ? null
    : `${folder} may import ${layer.lib.join(", ") || "nothing"} alone`;
}

function forbidsConstruct(file: SourceFile, folder: string, one: Import): string | null {
  if (folder === "terraform") return null;
  if (!CONSTRUCT_FOLDERS.includes(folder)) return `${folder} never loads CDKTF`;
  return file.isConstruct || one.isTypeOnly ? null : "only a construct's file and lib/terraform load CDKTF";
}

/** Stacks join everything; an estate is data, made of core's value types. */
function forbidsStack(file: SourceFile, one: Import): string | null {
  if (!file.path.startsWith("stacks/estate/")) return null;
  if (one.isTypeOnly || one.file?.startsWith("lib/core/") || one.file?.startsWith("stacks/estate/"))
    return null;
  return "an estate is data alone: value types of lib/core and types";
}

export function isConstructPackage(specifier: string): boolean {
  return /^(?:cdktf|constructs|@cdktf\/[^/]+)(?:\/|$)/.test(specifier);
}

/** What an entry file may never load, however far down: for each such import the chain that leads to it. */
export function reachViolations(
  files: readonly SourceFile[],
  entry: string,
  isForbidden: (one: Import, file: SourceFile) => boolean,
): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, chain: readonly string[]): void => {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) return;
    seen.add(path);
    for (const one of file.imports.filter((each) => !each.isTypeOnly)) {
      if (isForbidden(one, file)) found.push([...chain, path, one.specifier].join(" > "));
      if (one.file !== null) visit(one.file, [...chain, path]);
    }
  };
  visit(entry, []);
  return found;
}

/** The bundle that runs in the cluster: folders of the verdict engine and cli's own files, no package. */
export function isOutsideProgram(one: Import): boolean {
  if (one.file === null) return !one.specifier.startsWith("node:");
  return ![...PROGRAM, "cli"].some((folder) => one.file?.startsWith(`lib/${folder}/`));
}

/** Each cycle once, as the chain of its files; types count too, as a cycle of them still ties two files into one. */
export function cycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, chain: readonly string[]): void => {
    const at = chain.indexOf(path);
    if (at >= 0) found.push([...chain.slice(at), path].join(" > "));
    if (at >= 0 || done.has(path)) return;
    for (const one of byPath.get(path)?.imports ?? [])
      if (one.file !== null) visit(one.file, [...chain, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return found;
}
