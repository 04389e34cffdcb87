import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { containerEnv, expandVariables } from "./container-env";
import { ContainerLog } from "./container-log";
import { type ContainerCommand, ContainerProcess } from "./container-process";
import { renderHostsFile } from "./container-root";
import type { ContainerState, ContainerView } from "./container-state";
import type { PodContext } from "./pod-context";
import { MissingSourceError } from "./pod-sources";
import type { Container } from "./pod-spec";
import { checkProbe, probeSettings, runProbe } from "./probe-loop";

const MISSING_RETRY_MS = 500;
const MAX_BACK_OFF_MS = 30_000;

/** One container of a pod, through all its runs. */
export class ContainerRunner {
  private state: ContainerState = { kind: "waiting", reason: "ContainerCreating" };
  private lastState: ContainerState | null = null;
  private restartCount = 0;
  private isStarted = false;
  private isReady = false;
  private isDone = false;
  private process: ContainerProcess | null = null;
  private readonly logs: ContainerLog[] = [];
  private readonly stopping = new AbortController();

  constructor(
    readonly container: Container,
    private readonly context: PodContext,
    private readonly changed: () => void,
  ) {}

  view(): ContainerView {
    const { name, image } = this.container;
    const { state, lastState, restartCount, isStarted, isReady, isDone } = this;
    return { name, image, state, lastState, restartCount, isStarted, isReady, isDone };
  }

  /** Of this run or the one before; null where there was none. */
  log(isPrevious: boolean): ContainerLog | null {
    return this.logs.at(isPrevious ? -2 : -1) ?? null;
  }

  /** Resolves when no further run comes. @param restarts whether one comes after an end with that code */
  async run(restarts: (exitCode: number) => boolean): Promise<void> {
    for (;;) {
      const exitCode = await this.runOnce();
      if (this.stopping.signal.aborted || exitCode === null || !restarts(exitCode)) break;
      this.lastState = this.state;
      await this.backOff();
      if (this.stopping.signal.aborted) break;
      this.restartCount++;
    }
    this.isDone = true;
    this.changed();
  }

  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    await this.process?.stop(graceMs);
  }

  /** @returns null where it was stopped before it began */
  private async runOnce(): Promise<number | null> {
    const command = await this.prepare();
    if (command === null) return null;
    const log = new ContainerLog();
    this.logs.push(log);
    this.logs.splice(0, this.logs.length - 2);
    const startedAt = timestamp();
    const running = ContainerProcess.start(command, this.context.isolation, log);
    this.process = running;
    const probes = new AbortController();
    this.become({ kind: "running", startedAt });
    this.startProbes(running, probes.signal);
    const { exitCode, isOutOfMemory } = await running.exit;
    probes.abort();
    this.process = null;
    this.isStarted = false;
    this.isReady = false;
    const reason = isOutOfMemory ? "OOMKilled" : exitCode === 0 ? "Completed" : "Error";
    const message = this.terminationMessage(exitCode, log);
    this.become({ kind: "terminated", exitCode, reason, message, startedAt, finishedAt: timestamp() });
    return exitCode;
  }

  /** Waits for what is not there yet, as a kubelet does. */
  private async prepare(): Promise<ContainerCommand | null> {
    while (!this.stopping.signal.aborted) {
      try {
        return await this.command();
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const isMissing = error instanceof MissingSourceError;
        if (!isMissing) this.context.warn(`${this.container.name}: ${error.message}`);
        this.become({ kind: "waiting", reason: "CreateContainerConfigError", message: error.message });
        await sleep(MISSING_RETRY_MS, undefined, { ref: false });
      }
    }
    return null;
  }

  private async command(): Promise<ContainerCommand> {
    const { container, context } = this;
    const { pod } = context;
    const user = container.user ?? 0;
    if (container.mustNotBeRoot && user === 0) {
      throw new MissingSourceError("container has runAsNonRoot and image will run as root");
    }
    const own = await containerEnv(container, pod, context.sources);
    const env = { ...context.apiServer, ...own };
    const entrypoint = container.command.length > 0 ? container.command : context.entrypoint(container.image);
    const words = [...entrypoint, ...container.args]
      .map((word) => expandVariables(word, env))
      .map((word) => (context.listensOnPodIp && /^:\d+$/.test(word) ? `${context.podIp}${word}` : word));
    if (words.length === 0) {
      throw new MissingSourceError(
        `the entry point of ${container.image} is not known: give the stand-in entrypoints`,
      );
    }
    const scratch = join(context.folder, "roots", container.name);
    mkdirSync(scratch, { recursive: true });
    return {
      words,
      env,
      memoryLimitBytes: container.memoryLimitBytes,
      root: {
        scratch,
        hostname: pod.name,
        hostsFile: renderHostsFile(pod.name, context.hosts),
        node: context.node,
        isReadOnly: container.hasReadOnlyRoot,
        workingDir: container.workingDir ?? "/",
        mounts: [...this.volumeMounts(), this.terminationMount()],
      },
      user: {
        user,
        group: container.group ?? 0,
        groups: [...pod.supplementalGroups, ...(pod.fsGroup === null ? [] : [pod.fsGroup])],
        dropsAllCapabilities: container.dropsAllCapabilities,
        allowsPrivilegeEscalation: container.allowsPrivilegeEscalation,
      },
    };
  }

  private volumeMounts() {
    return this.container.mounts.map(({ volume, path, subPath, isReadOnly }) => {
      const folder = this.context.volumeFolder(volume);
      const source = subPath === null ? folder : join(folder, subPath);
      if (!existsSync(source)) throw new MissingSourceError(`volume ${volume} has no ${subPath}`);
      const isFile = statSync(source).isFile();
      return { source, path, isFile, isReadOnly: isReadOnly || this.context.isReadOnlyVolume(volume) };
    });
  }

  private terminationFile(): string {
    return join(this.context.folder, `termination-${this.container.name}`);
  }

  private terminationMount() {
    writeFileSync(this.terminationFile(), "");
    chmodSync(this.terminationFile(), 0o666);
    const path = this.container.terminationMessagePath;
    return { source: this.terminationFile(), path, isFile: true, isReadOnly: false };
  }

  private terminationMessage(exitCode: number, log: ContainerLog): string {
    const written = readFileSync(this.terminationFile(), "utf8").slice(0, 4_096);
    return written === "" && exitCode !== 0 && this.container.usesLogAsMessage ? log.tail() : written;
  }

  private startProbes(running: ContainerProcess, signal: AbortSignal): void {
    const { probes } = this.container;
    const start = (
      kind: "liveness" | "readiness" | "startup",
      until: AbortSignal,
      tell: (isWell: boolean) => void,
    ) => {
      const probe = probes[kind];
      if (probe === undefined) return;
      const settings = probeSettings(probe, this.context.maxProbePeriodMs);
      const check = checkProbe(probe, this.container.ports, this.context.podIp);
      runProbe(settings, check, tell, until).catch((error: Error) => this.context.warn(error.message));
    };
    const restart = (): void => void running.stop(this.context.pod.gracePeriodSeconds * 1_000);
    const begin = (): void => {
      this.isStarted = true;
      this.isReady = probes.readiness === undefined;
      this.changed();
      start("readiness", signal, (isWell) => {
        if (this.isReady === isWell) return;
        this.isReady = isWell;
        this.changed();
      });
      start("liveness", signal, (isWell) => isWell || restart());
    };
    if (probes.startup === undefined) {
      begin();
      return;
    }
    const startup = new AbortController();
    signal.addEventListener("abort", () => startup.abort());
    start("startup", startup.signal, (isWell) => {
      startup.abort();
      if (isWell) begin();
      else restart();
    });
  }

  private async backOff(): Promise<void> {
    if (this.restartCount === 0) return;
    this.become({
      kind: "waiting",
      reason: "CrashLoopBackOff",
      message: "back-off restarting failed container",
    });
    const waitMs = Math.min(MAX_BACK_OFF_MS, this.context.backOffMs * 2 ** (this.restartCount - 1));
    const { signal } = this.stopping;
    await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
  }

  private become(state: ContainerState): void {
    this.state = state;
    this.changed();
  }
}

/** Of this moment, in whole seconds, as a status has it. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
