import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Recorded; then held, or failed, where the test said so by a pattern. */
const HOOK = `#!/bin/sh
call="$(basename "$0") $*"
printf '%s\\n' "$call" >>"$STAND_IN/calls"
if [ -f "$STAND_IN/pause" ] && printf '%s\\n' "$call" | grep -qE -f "$STAND_IN/pause"; then
  mv "$STAND_IN/pause" "$STAND_IN/paused"
  while [ -f "$STAND_IN/paused" ]; do /bin/sleep 0.02; done
fi
for kind in once always; do
  if [ -f "$STAND_IN/fail-$kind" ] && printf '%s\\n' "$call" | grep -qE -f "$STAND_IN/fail-$kind"; then
    if [ $kind = once ]; then rm "$STAND_IN/fail-once"; fi
    echo "Error response from daemon: told to fail at $call" >&2
    exit 1
  fi
done
`;

const DOCKER = `${HOOK}
case "$*" in
  "compose "*" up "*)
    case "$*" in
      *--project-directory*) echo 0 >"$STAND_IN/running" ;;
      *) basename "$(readlink "$STAND_IN_ROOT/current")" >"$STAND_IN/running" ;;
    esac ;;
  "compose "*" down "*) rm -f "$STAND_IN/running" ;;
  "compose "*" logs "*) echo "registry-private | panic: the configuration is not to its taste" ;;
  "ps "*) if [ -f "$STAND_IN/containers" ]; then cat "$STAND_IN/containers"; fi ;;
  "image inspect "*) exit 1 ;;
  "run "*curl*)
    for url; do :; done
    port=$(printf '%s' "$url" | sed 's|.*:\\([0-9]*\\)/.*|\\1|')
    if [ -f "$STAND_IN/status-$port" ]; then cat "$STAND_IN/status-$port"; else printf 200; fi ;;
esac
`;

const CRONTAB = `${HOOK}
case "$1" in
  -l) if [ -f "$STAND_IN/crontab" ]; then cat "$STAND_IN/crontab"; else echo "no crontab for root" >&2; exit 1; fi ;;
  *) cp "$1" "$STAND_IN/crontab" ;;
esac
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  docker: DOCKER,
  systemctl: HOOK,
  crontab: CRONTAB,
  sleep: "#!/bin/sh\nexec /bin/sleep 0.03\n",
};

/** A host in a folder: its root, its /etc, and the programs that an activation calls, which record and do as told. */
export class StandInHost {
  private constructor(readonly folder: string) {}

  static create(): StandInHost {
    const host = new StandInHost(mkdtempSync(join(tmpdir(), "tallyman-host-")));
    for (const path of [host.bin, host.etc, host.state]) mkdirSync(path, { recursive: true });
    for (const [name, text] of Object.entries(PROGRAMS)) {
      writeFileSync(join(host.bin, name), text);
      chmodSync(join(host.bin, name), 0o755);
    }
    return host;
  }

  get root(): string {
    return join(this.folder, "registry");
  }

  get etc(): string {
    return join(this.folder, "etc");
  }

  get bin(): string {
    return join(this.folder, "bin");
  }

  private get state(): string {
    return join(this.folder, "state");
  }

  /** What the programs and the activation need beside PATH. */
  get environment(): Record<string, string> {
    return { TALLYMAN_ETC: this.etc, STAND_IN: this.state, STAND_IN_ROOT: this.root };
  }

  /** Path from the folder, as `registry/docker-compose.yml` or `etc/cron.d/gc`. */
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Null where there is none. */
  read(path: string): string | null {
    const file = join(this.folder, path);
    return existsSync(file) ? readFileSync(file, "utf8") : null;
  }

  /** How many files of an upload of the release are there. */
  uploaded(release: string): number {
    const incoming = join(this.root, "incoming");
    const folders = existsSync(incoming)
      ? readdirSync(incoming).filter((name) => name.startsWith(release))
      : [];
    return folders.reduce((sum, name) => sum + readdirSync(join(incoming, name)).length, 0);
  }

  /** Calls of the programs, in order, without the stand-in's own `sleep`. */
  calls(): string[] {
    return (this.read("state/calls") ?? "").split("\n").filter((line) => line !== "");
  }

  forgetCalls(): void {
    rmSync(join(this.state, "calls"), { force: true });
  }

  /** The release whose containers run; `0` for what ran before, null for none. */
  running(): string | null {
    return this.read("state/running")?.trim() ?? null;
  }

  /** Where the link points; null where there is none. */
  current(): string | null {
    try {
      return readlinkSync(join(this.root, "current"));
    } catch {
      return null;
    }
  }

  setRunning(release: string): void {
    this.write("state/running", release);
  }

  setCrontab(text: string): void {
    this.write("state/crontab", text);
  }

  crontab(): string | null {
    return this.read("state/crontab");
  }

  /** Lines as the activation asks for them: name|project|service|oneoff. */
  setContainers(lines: readonly string[]): void {
    this.write("state/containers", lines.map((line) => `${line}\n`).join(""));
  }

  /** What a listener answers; 200 where nothing is said. */
  setStatus(port: number, status: number): void {
    this.write(`state/status-${port}`, `${status}`);
  }

  /** The next call that the extended regular expression matches fails; or each. */
  failAt(pattern: string, kind: "once" | "always" = "once"): void {
    this.write(`state/fail-${kind}`, `${pattern}\n`);
  }

  stopFailing(): void {
    for (const kind of ["once", "always"]) rmSync(join(this.state, `fail-${kind}`), { force: true });
  }

  /** The next call that matches stands still until `resume`. */
  pauseAt(pattern: string): void {
    this.write("state/pause", `${pattern}\n`);
  }

  async untilPaused(): Promise<void> {
    await this.until(() => existsSync(join(this.state, "paused")), "no call was held");
  }

  resume(): void {
    rmSync(join(this.state, "paused"), { force: true });
  }

  async until(isSo: () => boolean, otherwise: string): Promise<void> {
    for (let i = 0; i < 3_000; i++) {
      if (isSo()) return;
      await sleep(15);
    }
    throw new Error(`${otherwise}; calls: ${this.calls().join("\n")}`);
  }

  /**
   * What a power cut does to the host: every process that names its folder in its arguments is gone.
   *
   * @param except a process whose session is spared
   */
  killProcesses(except?: number): void {
    const spared = except === undefined ? null : sessionOf(except);
    for (const pid of this.processes().filter((one) => spared === null || sessionOf(one) !== spared)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Gone meanwhile.
      }
    }
  }

  /** Resolves when nothing works on the host any more. */
  async untilQuiet(): Promise<void> {
    await this.until(() => this.processes().length === 0, "something still works on the host");
  }

  private processes(): number[] {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => pid !== process.pid && this.isOfHost(pid));
  }

  private isOfHost(pid: number): boolean {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words.some((word) => word.startsWith(`${this.root}/`) || word.startsWith(`${this.bin}/`));
    } catch {
      return false;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of the process; null when it has gone. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function sessionOf(pid: number): string | null {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "");
    return afterName.split(" ")[3] ?? null;
  } catch {
    return null;
  }
}
