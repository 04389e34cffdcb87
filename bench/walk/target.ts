import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Distribution, type DistributionVersion } from "../../test/support/distribution";
import { htpasswdLine } from "../../test/support/htpasswd";
import { writeCertificate } from "../../test/support/nginx";

/** A running registry, as the contenders reach it. */
export interface Target {
  readonly url: string;
  /** `host:port`. */
  readonly host: string;
  /** For its account of processor time. */
  readonly pid: number;
  /** The Authorization header that it wants; null for none. */
  readonly authorization: string | null;
  /** What tallyman's command line and environment need besides. */
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export type Front = "plain" | "basic" | "tls";

const USER = "bench";
const PASSWORD = "of no use to anyone";
/** The certificate's only name: it cannot be an address. */
const NAME = "localhost";

/** Serves a storage folder, with its cache in memory, while it is used. */
export async function withTarget<T>(
  version: DistributionVersion,
  front: Front,
  root: string,
  folder: string,
  use: (target: Target, registry: Distribution) => Promise<T>,
): Promise<T> {
  const own = join(folder, front);
  mkdirSync(own, { recursive: true });
  if (front === "basic") writeFileSync(join(own, "htpasswd"), `${htpasswdLine(USER, PASSWORD)}\n`);
  if (front === "tls") writeCertificate(own, NAME);
  const registry = await Distribution.start({
    version,
    root,
    ...(front === "basic" ? { htpasswdFile: join(own, "htpasswd") } : {}),
    ...(front === "tls" ? { tlsFolder: own } : {}),
  });
  try {
    return await use(targetOf(registry, front, own), registry);
  } finally {
    await registry.stop();
  }
}

function targetOf(registry: Distribution, front: Front, folder: string): Target {
  const { pid, host, url } = registry;
  const plain = { url, host, pid, authorization: null, words: [], env: {} };
  if (front === "basic") {
    return {
      ...plain,
      authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`,
      env: { TALLYMAN_USERNAME: USER, TALLYMAN_PASSWORD: PASSWORD },
    };
  }
  if (front === "tls") {
    const named = host.replace("127.0.0.1", NAME);
    return {
      ...plain,
      url: `https://${named}`,
      host: named,
      words: ["--ca", join(folder, "cert.pem"), "--address", host],
    };
  }
  return plain;
}
