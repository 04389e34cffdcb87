import { spawn } from "node:child_process";
import { printable } from "../../core/printable";
import type { CliEnvironment } from "../environment";
import { errorCode } from "../error-code";

/** How a host is reached by the system's ssh. */
export interface SshRoute {
  readonly host: string;
  readonly user: string | null;
  readonly port: number | null;
  readonly knownHosts: string | null;
  readonly identity: string | null;
}

/** The script did not run to its end: no connection, no rights, no time. */
export class HostUnreachableError extends Error {
  override readonly name = "HostUnreachableError";
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_COMPLAINT_BYTES = 64 * 1024;

/** Here when there is no route. The script goes by standard input: no word of it is read by two shells. */
export function runHostScript(
  script: string,
  route: SshRoute | null,
  timeoutMs: number,
  env: CliEnvironment["env"],
): Promise<string> {
  const [command, args] = route === null ? ["sh", ["-s"]] : ["ssh", sshArguments(route)];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let answer = "";
    let complaint = "";
    const fail = (message: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new HostUnreachableError(message));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs / 1000}s`), timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
      if (answer.length > MAX_ANSWER_BYTES) fail(`the answer is beyond ${MAX_ANSWER_BYTES} bytes`);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-MAX_COMPLAINT_BYTES);
    });
    child.on("error", (error) => fail(`${command} cannot be run (${errorCode(error)})`));
    // It may have ended before it read all of it, which its exit code tells.
    child.stdin.on("error", () => {});
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(answer);
      else fail(`${command} ended with ${code ?? signal}: ${printable(lastLine(complaint), 300)}`);
    });
    child.stdin.end(script);
  });
}

/** A host that is not known is refused, and nobody is asked for a password. */
export function sshArguments({ host, user, port, knownHosts, identity }: SshRoute): string[] {
  return [
    ...["-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15"],
    ...(knownHosts === null ? [] : ["-o", `UserKnownHostsFile="${knownHosts}"`]),
    ...(identity === null ? [] : ["-o", "IdentitiesOnly=yes", "-i", identity]),
    ...(port === null ? [] : ["-p", String(port)]),
    ...(user === null ? [] : ["-l", user]),
    ...["--", host, "sh", "-s"],
  ];
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
