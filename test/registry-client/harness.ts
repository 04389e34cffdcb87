import { RegistryError } from "../../lib/registry-client/answers";
import type { RegistryClientOptions } from "../../lib/registry-client/client-options";
import { RegistryClient } from "../../lib/registry-client/registry-client";
import { type Handler, ScriptedServer } from "./scripted-server";

/** Servers and clients of one test, ended together. */
export class Harness {
  readonly slept: number[] = [];
  readonly warnings: string[] = [];
  /** Milliseconds added to the clock. */
  skewMs = 0;
  private readonly servers: ScriptedServer[] = [];
  private readonly clients: RegistryClient[] = [];

  async serve(handler: Handler, tls: { key: string; cert: string } | null = null): Promise<ScriptedServer> {
    const server = await ScriptedServer.start(handler, tls);
    this.servers.push(server);
    return server;
  }

  /** A client that waits for nothing between its tries, but writes down how long it would have. */
  client(server: Pick<ScriptedServer, "url">, options: Partial<RegistryClientOptions> = {}): RegistryClient {
    const client = new RegistryClient({
      baseUrl: server.url(),
      concurrency: 4,
      timeoutMs: 5000,
      now: () => Date.now() + this.skewMs,
      sleep: async (ms) => {
        this.slept.push(ms);
      },
      random: () => 0.5,
      warn: (message) => this.warnings.push(message),
      ...options,
    });
    this.clients.push(client);
    return client;
  }

  async end(): Promise<void> {
    for (const client of this.clients.splice(0)) client.close();
    await Promise.all(this.servers.splice(0).map((server) => server.close()));
    this.slept.length = 0;
    this.warnings.length = 0;
    this.skewMs = 0;
  }
}

/** The error that a promise ends with; fails when there is none, or another kind. */
export async function errorOf(promise: Promise<unknown>): Promise<RegistryError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
  throw new Error("expected a RegistryError, and there was none");
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
