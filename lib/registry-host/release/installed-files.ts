import type { HostFile } from "../host-file";

/** A file of a release that is copied to where the system looks for it. */
export interface InstalledFile {
  /** In the release. */
  readonly source: string;
  /** Relative to /etc. */
  readonly target: string;
  readonly content: string;
}

/** By folder of the release. */
const TARGETS: Readonly<Record<string, string>> = { systemd: "systemd/system", logrotate: "logrotate.d" };

/** Units and log rotation, by the folders `systemd` and `logrotate` of a release. */
export function installedFiles(files: readonly HostFile[]): readonly InstalledFile[] {
  return files.flatMap(({ path, content }) => {
    const [folder = "", ...rest] = path.split("/");
    const target = TARGETS[folder];
    return target === undefined || rest.length === 0
      ? []
      : [{ source: path, target: `${target}/${rest.join("/")}`, content }];
  });
}
