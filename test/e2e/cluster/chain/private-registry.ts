import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Distribution } from "../../../support/distribution";
import { htpasswdLine } from "../../../support/htpasswd";
import { skopeoPull } from "../../../support/skopeo";
import { twoPlatforms } from "../../../support/two-platforms";
import { writeImage } from "../../../support/write-image";
import { runCommand, type ShellRun } from "./shell";

const TALLYMAN = join(__dirname, "../../../../dist/lib/cli/main.js");

export interface User {
  readonly username: string;
  readonly password: string;
}

const IMAGE = { repository: "app", tag: "latest" };

/** A registry 2.8 that demands credentials and holds one image for two platforms, and an open mirror of the same. */
export class PrivateRegistry {
  private constructor(
    private readonly folder: string,
    readonly registry: Distribution,
    readonly mirror: Distribution,
  ) {}

  static async start(users: readonly User[]): Promise<PrivateRegistry> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-private-"));
    const started: Distribution[] = [];
    try {
      const htpasswdFile = join(folder, "htpasswd");
      writeUsers(htpasswdFile, users);
      const registry = await Distribution.start({ htpasswdFile });
      started.push(registry);
      const mirror = await Distribution.start();
      started.push(mirror);
      for (const { root } of started) writeImage(root, IMAGE.repository, IMAGE.tag, twoPlatforms("estate"));
      return new PrivateRegistry(folder, registry, mirror);
    } catch (error) {
      for (const one of started) await one.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** As `--address` takes it. */
  get address(): string {
    return this.registry.host;
  }

  /** All that may sign in from now on. */
  async setUsers(users: readonly User[]): Promise<void> {
    writeUsers(join(this.folder, "htpasswd"), users);
    await this.registry.restart();
  }

  /** What the incident was: `gc -m` takes an index's children for untagged manifests. */
  async collectGarbage(): Promise<void> {
    const { exitCode, output } = await this.registry.garbageCollect({ deleteUntagged: true });
    if (exitCode !== 0) throw new Error(`garbage-collect -m ended with ${exitCode}: ${output}`);
  }

  /** Whether the image can be pulled, every platform of it. */
  async isPullable(credentials: User): Promise<boolean> {
    return (await skopeoPull(`${this.address}/${IMAGE.repository}:${IMAGE.tag}`, { credentials })).ok;
  }

  /**
   * `tallyman repair --apply` from the mirror, as the runbook has it: after a restart, as the registry's cache claims
   * blobs that are gone until then.
   *
   * @param instance the registry's name, as `registry.example.com:5050`
   */
  async repair(instance: string, { username, password }: User): Promise<ShellRun> {
    await this.registry.restart();
    const credentials = join(this.folder, "credentials");
    mkdirSync(credentials, { recursive: true, mode: 0o700 });
    writeFileSync(join(credentials, "username"), username);
    writeFileSync(join(credentials, "password"), password, { mode: 0o600 });
    const words = [
      "repair",
      `http://${instance}`,
      "--address",
      this.address,
      "--from",
      this.mirror.url,
      "--apply",
    ];
    return runCommand(process.execPath, [TALLYMAN, ...words], { TALLYMAN_CREDENTIALS_DIR: credentials });
  }

  async stop(): Promise<void> {
    await this.registry.stop();
    await this.mirror.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function writeUsers(file: string, users: readonly User[]): void {
  const lines = users.map(({ username, password }) => `${htpasswdLine(username, password)}\n`);
  writeFileSync(file, lines.join(""));
}
