import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireTool } from "./require-tool";

export interface SkopeoOptions {
  /** @default anonymous */
  readonly credentials?: { readonly username: string; readonly password: string };
}

export interface SkopeoResult {
  readonly ok: boolean;
  readonly stderr: string;
}

const TIMEOUT_SECONDS = 60;

/**
 * The judge of "can it be pulled": copies an image, every platform of it, into a folder that is then removed.
 * @param image `host:port/name:tag` or `host:port/name@digest`, spoken to over plain HTTP
 */
export async function skopeoPull(image: string, options: SkopeoOptions = {}): Promise<SkopeoResult> {
  return withFolder((folder) => copy(`docker://${image}`, `dir:${join(folder, "image")}`, folder, options));
}

/** One after the other; the result names each image that cannot be pulled, with skopeo's words. */
export async function skopeoPullAll(
  images: Iterable<string>,
  options: SkopeoOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>();
  for (const image of images) {
    const result = await skopeoPull(image, options);
    if (!result.ok) failed.set(image, result.stderr);
  }
  return failed;
}

/** Copies an image, every platform of it, between references that carry their transport (`docker://…`, `dir:…`). */
export async function skopeoCopy(
  source: string,
  target: string,
  options: SkopeoOptions = {},
): Promise<SkopeoResult> {
  return withFolder((folder) => copy(source, target, folder, options));
}

async function copy(
  source: string,
  target: string,
  folder: string,
  options: SkopeoOptions,
): Promise<SkopeoResult> {
  const authFile = join(folder, "auth.json");
  writeFileSync(authFile, authFileFor([source, target], options), { mode: 0o600 });
  const child = spawn(
    "timeout",
    [
      "--kill-after=5",
      `${TIMEOUT_SECONDS}`,
      requireTool("skopeo"),
      "--insecure-policy",
      "copy",
      "--all",
      "--quiet",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      `--authfile=${authFile}`,
      source,
      target,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  await once(child, "close");
  return { ok: child.exitCode === 0, stderr };
}

/** A file of its own also where there are no credentials, so that the user's are never sent to a test. */
function authFileFor(references: readonly string[], options: SkopeoOptions): string {
  const { credentials } = options;
  if (credentials === undefined) return "{}";
  const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
  const hosts = references.flatMap((reference) => /^docker:\/\/([^/]+)/.exec(reference)?.[1] ?? []);
  return JSON.stringify({ auths: Object.fromEntries(hosts.map((host) => [host, { auth }])) });
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-skopeo-"));
  try {
    mkdirSync(join(folder, "image"));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
