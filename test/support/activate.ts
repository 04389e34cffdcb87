import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { RegistryHostOptions } from "../../lib/registry-host/host-spec";
import { type UploadOptions, upload } from "./estate-host";
import type { StandInHost } from "./stand-in-host";

export interface ActivationRun {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the script of an uploaded release as the last step of an apply does, without the connection between. */
export function startActivation(
  host: StandInHost,
  folder: string,
): { readonly child: ChildProcess; readonly output: () => string; readonly ended: Promise<ActivationRun> } {
  const child = spawn("sh", [join(folder, "activate.sh")], {
    env: { ...process.env, ...host.environment, PATH: `${host.bin}:${process.env.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which `cutConnection` ends as the end of a session does.
    detached: true,
  });
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output.text += chunk.toString("utf8");
    });
  }
  const ended = once(child, "close").then(
    ([code]): ActivationRun => ({ code: typeof code === "number" ? code : null, output: output.text }),
  );
  return { child, output: () => output.text, ended };
}

/** Ends the process group of what `startActivation` started, as the end of its session would. */
export function cutConnection(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
}

/** Uploads, activates, and waits for the end. */
export async function activate(
  host: StandInHost,
  options: RegistryHostOptions,
  how: UploadOptions = {},
): Promise<ActivationRun & { readonly id: string }> {
  const { release, folder } = upload(host, options, how);
  return { ...(await startActivation(host, folder).ended), id: release.id };
}
