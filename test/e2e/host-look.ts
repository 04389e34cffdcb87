/** What a stand-in host's engine runs, and `tallyman host check` of it through its sshd. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processEnvironment } from "../../lib/cli/environment";
import { main } from "../../lib/cli/main";
import type { LoopbackSsh } from "../support/loopback-ssh";
import type { StandInHost } from "../support/stand-in-host";

/** Before the host's own: keeps the services of the Compose file that `up` names, and shows them as `ps` does. */
const ENGINE = `#!/bin/sh
case "$*" in
  "compose "*" ps --all --format json")
    while read -r name; do
      printf '{"Service":"%s","State":"running","Health":"healthy"}\\n' "$name"
    done <"$STAND_IN/services"
    exit 0 ;;
esac
"$STAND_IN/../bin/docker" "$@" || exit
case "$*" in
  "compose "*" -f "*" up "*)
    file=$(printf '%s' "$*" | sed 's/.* -f \\([^ ]*\\) .*/\\1/')
    awk '/^[^ #]/ { on = $1 == "services:"; next } on && /^  [a-z]/ { sub(":", ""); print $1 }' "$file" \\
      >"$STAND_IN/services" ;;
esac
`;

/** @returns the folder that goes first in PATH */
export function writeEngine(host: StandInHost): string {
  host.write("engine/docker", ENGINE);
  chmodSync(join(host.folder, "engine/docker"), 0o755);
  return join(host.folder, "engine");
}

export function runningServices(host: StandInHost): readonly string[] {
  return lines(host.read("state/services"));
}

/** Of the release in force. */
export function releasedServices(host: StandInHost): readonly string[] {
  return lines(host.read("registry/current/services.list"));
}

/** What a reboot leaves of them. */
export function forgetServices(host: StandInHost): void {
  host.write("state/services", "");
  host.setRunning("");
}

/** As secrets should be; the tests' own are as any file. */
export function hideSecrets(host: StandInHost): void {
  const folder = join(host.root, "secrets");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (statSync(join(folder, name)).isFile()) chmodSync(join(folder, name), 0o600);
  }
}

/** @param artifacts folder of the output with release.json */
export async function checkHostBySsh(host: StandInHost, ssh: LoopbackSsh, artifacts: string) {
  // The host's /etc stands below its folder.
  const text = readFileSync(join(artifacts, "release.json"), "utf8");
  const folder = join(host.folder, "expected");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "release.json"), text.replaceAll('"/etc/', `"${host.etc}/`));
  const known = join(folder, "known_hosts");
  writeFileSync(known, `[127.0.0.1]:${ssh.port} ${ssh.hostKey}\n`);
  let stdout = "";
  let stderr = "";
  const environment = {
    ...processEnvironment(),
    write: (more: string) => {
      stdout += more;
    },
    writeError: (more: string) => {
      stderr += more;
    },
  };
  const route = ["--ssh", `${ssh.user}@127.0.0.1:${ssh.port}`, "--identity", ssh.privateKeyFile];
  const words = ["host", "check", folder, ...route, "--known-hosts", known, "--format", "json"];
  const code = await main(words, environment);
  const { drift } = JSON.parse(stdout) as { drift: { kind: string; subject: string }[] };
  return { code, stderr, drift: drift.map(({ kind, subject }) => `${kind} ${subject}`) };
}

function lines(text: string | null): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
