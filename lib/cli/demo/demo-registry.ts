import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EmbeddedRegistry } from "../../testing";

/** A registry that may be broken, on loopback. */
export interface DemoRegistry {
  /** What it is, for people. */
  readonly name: string;
  readonly url: string;
  /** `garbage-collect --delete-untagged`, beside the running registry, as a cron job does it. */
  collectGarbageDeletingUntagged(): Promise<void>;
  close(): Promise<void>;
}

/** The real docker-registry where it is installed, else the embedded one. */
export async function startDemoRegistry(): Promise<DemoRegistry> {
  const found = spawnSync("docker-registry", ["--version"], { encoding: "utf8", timeout: 10_000 });
  if (found.status !== 0) return startEmbedded();
  const version = / v?(\S+)\s*$/.exec(found.stdout)?.[1] ?? "";
  return startReal(`docker-registry ${version}`.trim());
}

async function startEmbedded(): Promise<DemoRegistry> {
  const registry = await EmbeddedRegistry.start();
  return {
    name: "the embedded registry (docker-registry is not installed)",
    url: registry.url,
    collectGarbageDeletingUntagged: async () => registry.storage.garbageCollectDeletingUntagged(),
    close: () => registry.close(),
  };
}

const READY_WITHIN_MS = 15_000;

async function startReal(name: string): Promise<DemoRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-demo-"));
  const port = await freePort();
  const config = join(folder, "config.json");
  const configuration = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, "data") },
      cache: { blobdescriptor: "inmemory" },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: `127.0.0.1:${port}` },
  };
  writeFileSync(config, JSON.stringify(configuration));
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const release = endWithProcess(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    release();
    await stop(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await becomeReady(url, child);
  } catch (error) {
    await close();
    throw error;
  }
  const collectGarbageDeletingUntagged = async (): Promise<void> => {
    execFileSync("docker-registry", ["garbage-collect", "--delete-untagged", config], { stdio: "ignore" });
  };
  return { name, url, collectGarbageDeletingUntagged, close };
}

/** Whatever ends this process, a signal too, runs `clean` first. @returns what takes that back */
function endWithProcess(clean: () => void): () => void {
  const exitBy = Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }).map(
    ([signal, code]) => [signal, (): never => process.exit(code)] as const,
  );
  process.once("exit", clean);
  for (const [signal, exit] of exitBy) process.once(signal, exit);
  return () => {
    process.removeListener("exit", clean);
    for (const [signal, exit] of exitBy) process.removeListener(signal, exit);
  };
}

async function becomeReady(url: string, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (performance.now() < giveUpAt && child.exitCode === null) {
    const isUp = await fetch(`${url}/v2/`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isUp) return;
    await sleep(20);
  }
  throw new Error("docker-registry is installed and did not start");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port on loopback");
  return address.port;
}
