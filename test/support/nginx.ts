import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CONTAINER_SURROUNDINGS,
  type FrontSurroundings,
} from "../../lib/registry-host/nginx/front-surroundings";
import { selfSigned } from "../registry-client/self-signed";
import { requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

/** A self-signed certificate and its key in the folder, as cert.pem and key.pem. */
export function writeCertificate(folder: string, hostname: string): void {
  const { key, cert } = selfSigned(hostname);
  writeFileSync(join(folder, "key.pem"), key);
  writeFileSync(join(folder, "cert.pem"), cert);
}

/** Everything of the front in one folder, on loopback, as whoever runs the test. */
export function surroundingsIn(folder: string, ports: Partial<FrontSurroundings>): FrontSurroundings {
  mkdirSync(join(folder, "temporary"), { recursive: true });
  return {
    ...CONTAINER_SURROUNDINGS,
    user: null,
    pidFile: join(folder, "nginx.pid"),
    accessLog: join(folder, "access.log"),
    errorLog: join(folder, "error.log"),
    temporaryDirectory: join(folder, "temporary"),
    blobCacheDirectory: join(folder, "blobs"),
    certificateFile: () => join(folder, "cert.pem"),
    keyFile: () => join(folder, "key.pem"),
    uiHtpasswdFile: join(folder, "htpasswd"),
    listen: (port) => `127.0.0.1:${port}`,
    ...ports,
  };
}

export function makeFrontFolder(): string {
  return mkdtempSync(join(tmpdir(), "tallyman-nginx-"));
}

/** Serves the configuration until it is stopped; the folder is removed if this process dies before. */
export async function startNginx(
  folder: string,
  config: string,
  port: number,
  isReady: (port: number) => Promise<boolean>,
): Promise<ServerProcess> {
  const file = join(folder, "nginx.conf");
  writeFileSync(file, config);
  return ServerProcess.start({
    command: requireTool("nginx"),
    // One process: a worker would outlive a master that is killed.
    args: () => ["-p", folder, "-c", file, "-g", "daemon off; master_process off;"],
    port,
    isReady,
    folder,
  });
}

/** Ports of loopback that nobody listens on, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
