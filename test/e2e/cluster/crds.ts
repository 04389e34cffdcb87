import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kubectl } from "./kubectl";

const MODULE = "github.com/prometheus-operator/prometheus-operator";
/** Of which docs/tested-with.md speaks. */
export const OPERATOR_VERSION = "v0.85.0";
const DOWNLOAD_TIMEOUT_MS = 120_000;

let folder: string | undefined;

/**
 * The folder of the operator's CRDs in Go's module cache, where its published module is fetched to once; a string
 * with a space says in one line what is missing.
 */
export function findOperatorCrds(): { readonly folder: string } | string {
  if (folder !== undefined) return { folder };
  const { status, stdout, stderr, error } = spawnSync(
    "go",
    ["mod", "download", "-json", `${MODULE}@${OPERATOR_VERSION}`],
    // Outside of any module, whose own requirements would be asked for.
    { cwd: tmpdir(), encoding: "utf8", timeout: DOWNLOAD_TIMEOUT_MS, env: { ...process.env, GOFLAGS: "" } },
  );
  if (error !== undefined)
    return `the CRDs of prometheus-operator are missing: install Go, which fetches ${MODULE}`;
  const found = status === 0 ? join(moduleFolder(stdout), "example/prometheus-operator-crd") : "";
  if (!existsSync(found)) {
    const why = (stderr.trim() || stdout.trim()).split("\n")[0];
    return `the CRDs of prometheus-operator are missing: \`go mod download ${MODULE}@${OPERATOR_VERSION}\` says ${why}`;
  }
  folder = found;
  return { folder };
}

function moduleFolder(json: string): string {
  const parsed: unknown = JSON.parse(json);
  const dir = typeof parsed === "object" && parsed !== null && "Dir" in parsed ? parsed.Dir : null;
  return typeof dir === "string" ? dir : "";
}

/** Resolves when the API serves them. @throws Error where they cannot be had */
export async function applyOperatorCrds(kubectl: Kubectl): Promise<void> {
  const found = findOperatorCrds();
  if (typeof found === "string") throw new Error(found);
  // By the client they are too large for the annotation that it would keep.
  await kubectl.must(["apply", "--server-side", "-f", found.folder]);
  await kubectl.must(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
}
