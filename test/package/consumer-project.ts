import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { ROOT, type Tarball } from "./tarball";

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How TypeScript is set up: the package's own kind, and how modules are found. */
export interface Setup {
  readonly type: "commonjs" | "module";
  readonly module: string;
  readonly moduleResolution: string;
}

/** What the providers' package would be of 145 MB: the resources that the library and the README use. */
const PROVIDER_RESOURCES = /require\("@cdktf\/provider-[a-z]+\/(lib\/[a-z0-9-]+)"\)/g;

/**
 * A new CDKTF project that has the packed library installed: unpacked to where npm would put it, with the packages
 * that its package.json names from the checkout, so that no registry is needed.
 */
export class ConsumerProject {
  readonly folder = mkdtempSync(join(tmpdir(), "tallyman-consumer-"));

  /** @param engine what `cdktf` is; cdktn as by `"cdktf": "npm:cdktn@0.24.0"` and npm's override of the providers */
  constructor(tarball: Tarball, engine: "cdktf" | "cdktn" = "cdktf") {
    const manifest: unknown = JSON.parse(readFileSync(join(tarball.unpacked, "package.json"), "utf8"));
    this.place("tallyman", tarball.unpacked);
    for (const name of namesIn(manifest, "dependencies")) this.link(name, name);
    for (const name of namesIn(manifest, "peerDependencies")) {
      if (name.startsWith("@cdktf/provider-")) this.copyProvider(name, tarball);
      else this.link(name, name === "cdktf" ? engine : name);
    }
    this.link("@types/node", "@types/node");
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  /** Compiles every .ts of the project to `out`, as a strict user would. */
  compile({ type, module, moduleResolution }: Setup, skipLibCheck = true): Ran {
    this.write("package.json", JSON.stringify({ name: "infra", private: true, type }));
    const compilerOptions = {
      ...{ target: "ES2022", module, moduleResolution, strict: true, exactOptionalPropertyTypes: true },
      ...{ skipLibCheck, esModuleInterop: true, types: ["node"], outDir: "out" },
    };
    this.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    rmSync(join(this.folder, "out"), { recursive: true, force: true });
    return this.node(join(ROOT, "node_modules/typescript/bin/tsc"), "-p", this.folder);
  }

  /** Makes one `out/<name>.cjs` of each `<name>.ts`, as for a server: packages stay outside. */
  bundle(names: readonly string[]): void {
    buildSync({
      absWorkingDir: this.folder,
      entryPoints: names.map((name) => `${name}.ts`),
      bundle: true,
      packages: "external",
      platform: "node",
      format: "cjs",
      outdir: "out",
      outExtension: { ".js": ".cjs" },
      logLevel: "error",
    });
  }

  /** Runs Node in the project, with nothing of this process's environment. */
  node(...words: string[]): Ran {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      cwd: this.folder,
      env: {},
      encoding: "utf8",
      timeout: 120_000,
    });
    return { status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private place(name: string, from: string): void {
    cpSync(from, this.moduleFolder(name), { recursive: true });
  }

  private link(name: string, from: string): void {
    mkdirSync(dirname(this.moduleFolder(name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", from), this.moduleFolder(name), "dir");
  }

  /** A copy, as a link's own imports would be resolved in the checkout, past this project's engine. */
  private copyProvider(name: string, tarball: Tarball): void {
    const from = join(ROOT, "node_modules", name);
    const library = join(tarball.unpacked, "dist/lib");
    const used = new Set(["lib/provider"]);
    for (const file of filesBelow(library)) {
      const text = readFileSync(file, "utf8");
      for (const [whole, path = ""] of text.matchAll(PROVIDER_RESOURCES))
        if (whole.includes(name)) used.add(path);
    }
    for (const path of ["package.json", ...used]) {
      if (!existsSync(join(from, path))) throw new Error(`${name} has no ${path}`);
      cpSync(join(from, path), join(this.moduleFolder(name), path), { recursive: true });
    }
  }

  private moduleFolder(name: string): string {
    return join(this.folder, "node_modules", name);
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js"))
    .map((path) => join(folder, path));
}

function namesIn(manifest: unknown, field: string): string[] {
  if (typeof manifest !== "object" || manifest === null) throw new Error("package.json is no object");
  const value: unknown = Object.entries(manifest).find(([key]) => key === field)?.[1];
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
