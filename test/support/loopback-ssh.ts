import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

export interface LoopbackSshOptions {
  /** Set in every session, PATH among them. */
  readonly env: Readonly<Record<string, string>>;
}

/** An sshd of the test's own: its own keys and configuration, loopback alone, one key that may sign in. */
export class LoopbackSsh {
  private constructor(
    private readonly folder: string,
    private readonly server: ServerProcess,
    /** One line, as `ssh-keyscan` prints it after the name. */
    readonly hostKey: string,
    readonly privateKeyFile: string,
  ) {}

  static async start({ env }: LoopbackSshOptions): Promise<LoopbackSsh> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-ssh-"));
    const file = (name: string) => join(folder, name);
    const keygen = requireTool("ssh-keygen");
    for (const name of ["host", "client"]) {
      execFileSync(keygen, ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file(name)]);
    }
    // sshd wants the folder that its own service makes at boot.
    if (userInfo().uid === 0 && !existsSync("/run/sshd")) mkdirSync("/run/sshd", { mode: 0o755 });
    writeFileSync(file("authorized_keys"), readFileSync(file("client.pub")));
    chmodSync(file("authorized_keys"), 0o600);
    const settings = Object.entries(env).map(([name, value]) => `${name}="${value}"`);
    const configuration = (port: number) =>
      [
        `Port ${port}`,
        "ListenAddress 127.0.0.1",
        `HostKey ${file("host")}`,
        `AuthorizedKeysFile ${file("authorized_keys")}`,
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "UsePAM no",
        "StrictModes no",
        "PidFile none",
        "Subsystem sftp internal-sftp",
        `SetEnv ${settings.join(" ")}`,
        "",
      ].join("\n");
    const server = await ServerProcess.start({
      command: requireTool("sshd"),
      args: (port) => {
        writeFileSync(file("sshd_config"), configuration(port));
        return ["-D", "-e", "-f", file("sshd_config")];
      },
      isReady: greets,
      folder,
    });
    const hostKey = readFileSync(file("host.pub"), "utf8").trim();
    return new LoopbackSsh(folder, server, hostKey, file("client"));
  }

  get port(): number {
    return this.server.port;
  }

  get user(): string {
    return userInfo().username;
  }

  /** Cuts every connection, as a cable would: the processes that serve them are gone. */
  cut(): void {
    for (const pid of childrenOf(this.server.pid).flatMap((child) => [child, ...childrenOf(child)])) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text
      .split(" ")
      .filter((one) => one !== "")
      .map(Number);
  } catch {
    return [];
  }
}
