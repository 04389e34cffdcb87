import type { Problem } from "../core/problem";

export interface SshOptions {
  /** The host's public key, as `ssh-keyscan` prints it after the name: `ssh-ed25519 AAAA…`. May be a token. */
  readonly hostKey: string;
  /** Who may write to the root folder and to /etc, and talk to Docker. @default root */
  readonly user?: string;
  /** @default 22 */
  readonly port?: number;
  /**
   * Private key on the machine that applies, read by Terraform when it applies: absolute, or from `~`. Its bytes reach
   * neither the synthesized output nor the state.
   * @default the keys of the SSH agent
   */
  readonly privateKeyFile?: string;
  /** Whether the keys of the SSH agent are offered. @default true without a privateKeyFile, else false */
  readonly agent?: boolean;
  /** How long Terraform tries to connect, as Terraform writes durations. @default 2m */
  readonly timeout?: string;
}

const HOST_KEY =
  /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9-]+@openssh\.com) [A-Za-z0-9+/]{40,}={0,2}(?: [^\r\n]*)?$/;
const TOKEN = /\$\{TfToken\[/;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?$/;
const USER = /^[a-z_][a-z0-9_-]{0,31}$/;

/** How a host is reached to deploy to it. */
export class Ssh {
  private constructor(
    /** Name or address. */
    readonly host: string,
    readonly options: SshOptions,
  ) {}

  static to(host: string, options: SshOptions): Ssh {
    return new Ssh(host, options);
  }
}

/** What keeps a host from being reached safely; tokens are Terraform's to check. */
export function checkSsh(ssh: Ssh): readonly Problem[] {
  const { host, options } = ssh;
  const { hostKey, user = "root", port = 22, privateKeyFile, timeout } = options;
  const problems: Problem[] = [];
  const add = (path: string, rule: string, value: unknown, fix: string) =>
    problems.push({ path: `ssh.${path}`, rule, value, fix });
  if (!TOKEN.test(host) && !HOST.test(host)) {
    add("host", "be a name or an address", host, "Write it without scheme and port, such as 192.0.2.10.");
  }
  // Without one any host that answers would be trusted, and given the configuration.
  if (typeof hostKey !== "string" || hostKey === "" || (!TOKEN.test(hostKey) && !HOST_KEY.test(hostKey))) {
    const fix = `Write one line such as ssh-ed25519 AAAA…, from the host's own console: cat /etc/ssh/ssh_host_ed25519_key.pub`;
    add("hostKey", "be the host's public key", hostKey, fix);
  }
  if (!TOKEN.test(user) && !USER.test(user))
    add("user", "be a user's name", user, "Write a name such as root.");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    add("port", "be a port from 1 to 65535", port, "Write a number such as 22.");
  }
  if (privateKeyFile !== undefined && !TOKEN.test(privateKeyFile) && !/^(?:\/|~\/)/.test(privateKeyFile)) {
    const fix = "Write an absolute path, or one from ~/: Terraform runs in the stack's folder of the output.";
    add("privateKeyFile", "be an absolute path", privateKeyFile, fix);
  }
  if (timeout !== undefined && !/^(?:[0-9]+[hms])+$/.test(timeout)) {
    add("timeout", "be a duration of Terraform's", timeout, "Write a text such as 2m or 90s.");
  }
  return problems;
}
