import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTool, requireTool } from "../../support/require-tool";

const TIMEOUT_MS = 50_000;

/** Debian's promtool, and that of Prometheus 3 where it was built. */
export function promtools(): readonly (readonly [name: string, path: string])[] {
  const three = findTool("promtool-3");
  return [
    ["promtool 2", requireTool("promtool")],
    ...(three === null ? [] : [["promtool 3", three] as const]),
  ];
}

export interface Suite {
  readonly rules: string;
  /** Its rule file is `<name>.yml`. */
  readonly tests: string;
}

/**
 * Runs `promtool test rules` over all suites in one process, and tells which of them fail.
 * @param suites by a name that fits a file's
 */
export async function failingSuites(
  tool: string,
  suites: Readonly<Record<string, Suite>>,
): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-promtool-"));
  try {
    const names = Object.keys(suites);
    for (const [name, { rules, tests }] of Object.entries(suites)) {
      writeFileSync(join(folder, `${name}.yml`), rules);
      writeFileSync(join(folder, `${name}.test.yml`), tests);
    }
    const output = await run(tool, ["test", "rules", ...names.map((name) => `${name}.test.yml`)], folder);
    const parts = output.split(/^(?:Unit Testing|Processing test file): +/m).slice(1);
    if (parts.length !== names.length) throw new Error(`promtool told of ${parts.length} suites: ${output}`);
    return Object.fromEntries(
      parts
        .map((part) => [part.slice(0, part.indexOf(".test.yml")), part] as const)
        .filter(([, part]) => !/^\s+SUCCESS\s*$/m.test(part) || /FAILED/.test(part)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(tool: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: TIMEOUT_MS });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === null && code !== null) resolve(output);
      else reject(new Error(`promtool was ended by ${signal}: ${output.slice(0, 1_000)}`));
    });
  });
}
