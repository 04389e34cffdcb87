import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { metricName, PUSH_JOB } from "../../lib/integrity/contract";
import { buildImage } from "../../lib/testing";
import { type CarriedProbe, runCarriedProbe, withValues } from "../support/carried-probe";
import { Distribution } from "../support/distribution";
import { htpasswdLine } from "../support/htpasswd";
import type { Pushgateway } from "../support/pushgateway";
import { rawHttp } from "../support/raw-http";
import { skopeoCopy } from "../support/skopeo";
import { twoPlatforms } from "../support/two-platforms";
import { writeImage } from "../support/write-image";

const CREDENTIALS = { username: "tallyman", password: "of no use elsewhere" };
const REVOKED = { ...CREDENTIALS, password: "of no use anywhere!" };

export interface WatchedRegistryOptions {
  /** Names the case, and with a domain the registry. */
  readonly name: string;
  readonly gateway: Pushgateway;
  readonly carried: CarriedProbe;
  /** Values of the command line beside those that say where registry and gateway are. */
  readonly times: Readonly<Record<"--start-jitter" | "--deadline" | "--interval", string>>;
  readonly intervalMs: number;
}

/** A private registry with two images, and the CronJob that proves it. */
export class WatchedRegistry {
  /** What each run said to its standard error, and how it exited. */
  readonly failedRuns: string[] = [];
  private stopper: AbortController | null = null;
  private ticking: Promise<void> = Promise.resolve();
  private open: Distribution | null = null;

  private constructor(
    private readonly options: WatchedRegistryOptions,
    private readonly folder: string,
    readonly registry: Distribution,
  ) {}

  static async start(options: WatchedRegistryOptions): Promise<WatchedRegistry> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-watched-"));
    try {
      const credentials = join(folder, "credentials");
      mkdirSync(credentials);
      for (const [file, text] of Object.entries(CREDENTIALS)) writeFileSync(join(credentials, file), text);
      writeUsers(folder, CREDENTIALS);
      const registry = await Distribution.start({ htpasswdFile: usersFile(folder), metrics: true });
      writeImage(registry.root, "app", "latest", twoPlatforms(options.name));
      writeImage(registry.root, "tool", "1", buildImage({ seed: options.name }));
      return new WatchedRegistry(options, folder, registry);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get name(): string {
    return this.options.name;
  }

  get instance(): string {
    return instanceOf(this.options.name);
  }

  /** A run at once, then one each interval, never two at a time: as the CronJob does. */
  startProbing(): void {
    const stopper = new AbortController();
    this.stopper = stopper;
    this.ticking = this.tick(stopper.signal);
  }

  /** As `suspend: true`; the run under way is cut off. */
  async stopProbing(): Promise<void> {
    this.stopper?.abort();
    await this.ticking;
  }

  /** What `gc -m` does to the children of an index; the registry goes on as it was. */
  async collectGarbage(): Promise<void> {
    const saved = await skopeoCopy(this.image("app:latest"), this.saved, { credentials: CREDENTIALS });
    const { exitCode } = await this.registry.garbageCollect({ deleteUntagged: true });
    if (!saved.ok || exitCode !== 0) throw new Error(`no damage done: gc exits ${exitCode}; ${saved.stderr}`);
  }

  /** Restart first: a push to the running registry would end with success and mend nothing. */
  async pushAgain(): Promise<void> {
    await this.registry.restart();
    const { ok, stderr } = await skopeoCopy(this.saved, this.image("app:latest"), {
      credentials: CREDENTIALS,
    });
    if (!ok) throw new Error(stderr);
  }

  async revokeCredentials(): Promise<void> {
    writeUsers(this.folder, REVOKED);
    await this.registry.restart();
  }

  async restoreCredentials(): Promise<void> {
    writeUsers(this.folder, CREDENTIALS);
    await this.registry.restart();
  }

  /**
   * What a predecessor left behind: a group whose body carries the instance itself, so that ours would give the same
   * series twice.
   */
  async contradictPushes(): Promise<void> {
    // Ours must be away for theirs to be taken.
    await this.stopProbing();
    await this.gatewayGroup("DELETE", `job/${PUSH_JOB}/instance/${this.instance}`);
    const metric = metricName("last_run_timestamp");
    const body = `# TYPE ${metric} gauge\n${metric}{instance="${this.instance}"} ${Date.now() / 1_000}\n`;
    await this.gatewayGroup("PUT", `job/${PUSH_JOB}`, body);
    this.startProbing();
  }

  async endContradiction(): Promise<void> {
    await this.gatewayGroup("DELETE", `job/${PUSH_JOB}`);
  }

  /** From now on the address leads to a registry with the same content that asks nobody for a name. */
  async openToAnybody(): Promise<void> {
    this.open = await Distribution.start({ root: this.registry.root });
  }

  async closeToAnybody(): Promise<void> {
    await this.open?.stop();
    this.open = null;
  }

  async stop(): Promise<void> {
    await this.stopProbing();
    await this.closeToAnybody();
    await this.registry.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async gatewayGroup(method: "PUT" | "DELETE", group: string, body = ""): Promise<void> {
    const url = `${this.options.gateway.url}/metrics/${group}`;
    const answer = await rawHttp(url, { method, body: Buffer.from(body) });
    if (answer.status >= 300) throw new Error(`${method} ${group}: ${answer.status} ${answer.body}`);
  }

  private get saved(): string {
    return `dir:${join(this.folder, "saved")}`;
  }

  private image(reference: string): string {
    return `docker://${this.registry.host}/${reference}`;
  }

  private async tick(signal: AbortSignal): Promise<void> {
    const { intervalMs } = this.options;
    for (let next = performance.now(); !signal.aborted; next += intervalMs) {
      await sleep(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.probe(signal);
    }
  }

  /** The CronJob's own command line; what is not of this estate is replaced: who, where, and every length of time. */
  private async probe(signal: AbortSignal): Promise<void> {
    const { carried, gateway, times } = this.options;
    const args = withValues(carried.args, `http://${this.instance}`, {
      "--instance": this.instance,
      "--address": (this.open ?? this.registry).host,
      "--push": gateway.url,
      ...times,
    });
    const env = { TALLYMAN_CREDENTIALS_DIR: join(this.folder, "credentials") };
    const run = await runCarriedProbe(carried, args, env, signal);
    if (!signal.aborted && run.exitCode !== 0) this.failedRuns.push(`exit ${run.exitCode}: ${run.stderr}`);
  }
}

/** The registry's name, which no resolver knows: the probe dials its address. */
export function instanceOf(name: string): string {
  return `${name}.registry.example.com:5050`;
}

function usersFile(folder: string): string {
  return join(folder, "htpasswd");
}

function writeUsers(folder: string, { username, password }: typeof CREDENTIALS): void {
  writeFileSync(usersFile(folder), `${htpasswdLine(username, password)}\n`);
}
