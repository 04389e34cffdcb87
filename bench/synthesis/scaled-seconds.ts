import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { isObject } from "../../lib/oci/descriptor";
import { measure } from "../measure";

/** As seen from the bundle in dist/bench. */
const APP = resolve(__dirname, "../../bench/synthesis/scaled-app.js");

export type ScaledKind = "registries" | "probes" | "services";

/** The synthesis of so many elements into the folder, which is new each time and holds the last one afterwards. */
export async function scaledSeconds(
  kind: ScaledKind,
  elements: number,
  rounds: number,
  folder: string,
): Promise<readonly number[]> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    rmSync(folder, { recursive: true, force: true });
    const { exitCode, stdout } = await measure(process.execPath, [APP, kind, `${elements}`, folder]);
    const said: unknown = exitCode === 0 ? JSON.parse(stdout) : null;
    if (!isObject(said)) throw new Error(`the synthesis of ${elements} ${kind} ends with ${exitCode}`);
    seconds.push(Number(said.seconds));
  }
  return seconds;
}

/** Where such an app writes its catalogue. */
export function catalogJson(folder: string): string {
  return join(folder, "artifacts", "catalog", "catalog.json");
}
