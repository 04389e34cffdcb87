/** A host in a folder whose rendered maintenance runs for real, against a real registry. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { distributionConfig } from "../../lib/registry-host/distribution/render-distribution-config";
import { hostFiles } from "../../lib/registry-host/host-files";
import { cacheOf, writable } from "../../lib/registry-host/host-registry";
import { hostSpec, type RegistryHostSpec } from "../../lib/registry-host/host-spec";
import type { Maintenance } from "../../lib/registry-host/maintenance/maintenance";
import { maintenanceFiles } from "../../lib/registry-host/maintenance/maintenance-files";
import { renderYaml } from "../../lib/text/yaml";
import type { DistributionVersion } from "./distribution";
import { htpasswdLine } from "./htpasswd";
import { freePorts } from "./nginx";
import { adaptConfig } from "./rendered-registry";
import { findDistribution3, requireTool } from "./require-tool";
import { writeStandInDocker } from "./stand-in-docker";

const PASSWORD = "of no use to anyone";
export const INSTANCE = "registry.example.com:5050";

export interface Fault {
  readonly kind: "fail" | "hang" | "kill";
  /** The number of the call, from 1, or a pattern of its words. */
  readonly call?: number;
  readonly pattern?: string;
}

export interface ScriptRun {
  readonly code: number | null;
  readonly output: string;
}

export class MaintainedHost {
  private constructor(
    readonly folder: string,
    readonly spec: RegistryHostSpec,
    /** `address:port` of the registry. */
    readonly host: string,
  ) {}

  static async create(
    program: string,
    maintenance: Maintenance,
    version: DistributionVersion = "2.8",
  ): Promise<MaintainedHost> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-maintained-"));
    const secrets = `${folder}/root/secrets`;
    const spec = hostSpec({
      root: `${folder}/root`,
      image: version === "2.8" ? "registry:2.8.3" : "registry:3.1.2",
      registries: {
        dockerhub: cacheOf("https://registry-1.docker.io", { port: 5000 }),
        private: writable({
          port: 5050,
          hostname: "registry.example.com",
          tls: { certificateFile: `${secrets}/tls.crt`, keyFile: `${secrets}/tls.key` },
          htpasswdFile: `${secrets}/htpasswd`,
        }),
      },
      maintenance,
      textfileDirectory: `${folder}/textfile`,
    });
    const [port = 0, debugPort = 0] = await freePorts(2);
    const host = new MaintainedHost(folder, spec, `127.0.0.1:${port}`);
    for (const { path, content } of [...hostFiles(spec), ...maintenanceFiles(spec)]) {
      host.write(`root/releases/1/${path}`, content);
    }
    symlinkSync("releases/1", `${folder}/root/current`);
    host.write("root/releases/1/tallyman-host.mjs", readFileSync(program, "utf8"));
    host.write("root/secrets/htpasswd", `${htpasswdLine("maintainer", PASSWORD)}\n`);
    host.write("root/secrets/maintenance/username", "maintainer\n");
    host.write("root/secrets/maintenance/password", `${PASSWORD}\n`);
    for (const name of ["textfile", "bin", "state", "root/data/private"]) {
      mkdirSync(`${folder}/${name}`, { recursive: true });
    }
    const places = {
      addr: host.host,
      debugAddr: `127.0.0.1:${debugPort}`,
      root: host.storage,
      htpasswdFile: `${secrets}/htpasswd`,
    };
    const configs = { serving: `${folder}/state/serving.yml`, "read-only": `${folder}/state/read-only.yml` };
    for (const mode of ["serving", "read-only"] as const) {
      writeFileSync(
        configs[mode],
        renderYaml(adaptConfig(distributionConfig(spec, "private", mode), places)),
      );
    }
    const binary = version === "2.8" ? requireTool("docker-registry") : (findDistribution3() ?? "");
    writeStandInDocker(`${folder}/bin`, { binary, host: host.host, configs, state: `${folder}/state` });
    return host;
  }

  get storage(): string {
    return `${this.folder}/root/data/private`;
  }

  get script(): string {
    return `${this.folder}/root/releases/1/maintenance/maintain.sh`;
  }

  get credentials(): { readonly username: string; readonly password: string } {
    return { username: "maintainer", password: PASSWORD };
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  /** Empty where there is none. */
  read(path: string): string {
    const file = join(this.folder, path);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** What Docker was asked, one line a call. */
  get calls(): readonly string[] {
    return this.read("state/calls")
      .split("\n")
      .filter((line) => line !== "");
  }

  get mode(): string {
    return this.read("state/mode");
  }

  /** Calls are counted anew from here. */
  order(fault: Fault | null): void {
    this.write("state/calls", "");
    this.write("state/fault.json", JSON.stringify(fault ?? {}));
  }

  /** One metric of the registry; null where it is not there. */
  metric(name: string): number | null {
    const line = this.read("textfile/registry-host.prom")
      .split("\n")
      .find((one) => one.startsWith(`${name}{instance="${INSTANCE}"} `));
    return line === undefined ? null : Number(line.split(" ")[1]);
  }

  /** Runs a command of the host, with the stand-in as its docker. */
  start(command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<ScriptRun> } {
    const child = spawn(command, args, {
      env: {
        PATH: `${this.folder}/bin:${process.env.PATH}`,
        STAND_IN_DOCKER: `${this.folder}/state/stand-in.json`,
        STAND_IN_DATA: `${this.folder}/root/data`,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { text: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output.text += chunk.toString("utf8");
      });
    }
    const ended = once(child, "close").then(
      ([code]): ScriptRun => ({ code: typeof code === "number" ? code : null, output: output.text }),
    );
    return { child, ended };
  }

  startMaintenance(...args: string[]): { child: ChildProcess; ended: Promise<ScriptRun> } {
    const run = this.start("sh", [this.script, ...args]);
    this.write("state/script.pid", `${run.child.pid}`);
    return run;
  }

  async maintain(...args: string[]): Promise<ScriptRun> {
    return this.startMaintenance(...args).ended;
  }

  /** As `docker compose up` of the main unit has it. */
  async boot(): Promise<void> {
    await this.unitCommand(this.spec.unit, "ExecStart");
  }

  /** What a unit of the release runs, with this host's docker. */
  async unitCommand(unit: string, key: "ExecStart" | "ExecStopPost"): Promise<ScriptRun> {
    const line = this.read(`root/releases/1/systemd/${unit}`)
      .split("\n")
      .find((one) => one.startsWith(`${key}=`));
    const [command = "", ...args] = (line ?? "").slice(key.length + 1).split(" ");
    return this.start(command.replace("/usr/bin/docker", `${this.folder}/bin/docker`), args).ended;
  }

  /** Resolves when the process is gone. */
  async stopRegistry(): Promise<void> {
    const pid = Number(this.read("state/registry.pid"));
    try {
      while (pid > 0 && process.kill(pid, "SIGKILL")) await sleep(5);
    } catch {
      // Gone.
    }
  }

  async remove(): Promise<void> {
    await this.stopRegistry();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
