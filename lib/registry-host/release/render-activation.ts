import { SCRIPT_ACTIVATE } from "./script-activate";
import { SCRIPT_ADOPT } from "./script-adopt";
import { SCRIPT_COMMON } from "./script-common";
import { SCRIPT_FOREIGN } from "./script-foreign";
import { shellList, shellQuote } from "./shell-quote";

/** Something that must answer once the release is up. */
export interface Listener {
  readonly name: string;
  readonly scheme: "http" | "https";
  /** Sent as Host and SNI; the host itself is dialled. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** HTTP statuses, any of which will do. */
  readonly statuses: readonly number[];
}

/** A bind mount of the front that its configuration names. */
export interface FrontMount {
  /** Relative to the release, or absolute on the host. */
  readonly source: string;
  readonly target: string;
}

/** All that an activation has to know; every text ends quoted in the script. */
export interface ActivationSpec {
  readonly id: string;
  readonly root: string;
  readonly dataRoot: string;
  readonly project: string;
  readonly unit: string;
  readonly frontImage: string;
  readonly frontMounts: readonly FrontMount[];
  readonly images: readonly string[];
  readonly services: readonly string[];
  /** Files of the release that are run. */
  readonly executables: readonly string[];
  /** Files and folders that must be on the host already. */
  readonly secrets: readonly string[];
  /** Made where they are missing. */
  readonly dataFolders: readonly string[];
  readonly listeners: readonly Listener[];
  /** Names of foreign things to retire after success. */
  readonly remove: readonly string[];
  /** Names of foreign things that may stay. */
  readonly keep: readonly string[];
  readonly keepReleases: number;
}

/** No step of Docker's takes longer, an image pulled over a slow line included. */
const STEP_TIMEOUT_SECONDS = 900;

/** A maintenance may take hours; who applies is told what is waited for, and may come back later. */
const LOCK_TIMEOUT_SECONDS = 1800;

/**
 * `activate.sh`, which stands in the folder that it activates. Run without arguments it starts its work in a session
 * of its own, follows it, and exits as it does; run anew at any point, it finishes what was cut off.
 */
export function renderActivation(spec: ActivationSpec): string {
  return `${[
    "#!/bin/sh",
    "# Activates the release in whose folder it stands. Run by hand, it goes back to that release.",
    "set -eu",
    // The real folder but in a test.
    "etc=$" + "{TALLYMAN_ETC:-/etc}",
    "spool=$" + "{etc%/etc}/var/spool/cron",
    "TAB=$(printf '\\t')",
    "export COMPOSE_ANSI=never COMPOSE_PROGRESS=plain LC_ALL=C",
    `ID=${shellQuote(spec.id)}`,
    `ROOT=${shellQuote(spec.root)}`,
    `DATA_ROOT=${shellQuote(spec.dataRoot)}`,
    `PROJECT=${shellQuote(spec.project)}`,
    `UNIT=${shellQuote(spec.unit)}`,
    `FRONT_IMAGE=${shellQuote(spec.frontImage)}`,
    `KEEP=${spec.keepReleases}`,
    `STEP_TIMEOUT=${STEP_TIMEOUT_SECONDS}`,
    `LOCK_TIMEOUT=${LOCK_TIMEOUT_SECONDS}`,
    shellList("images", spec.images),
    shellList("services", spec.services),
    shellList("executables", spec.executables),
    shellList("secrets", spec.secrets),
    shellList("data_folders", spec.dataFolders),
    shellList("listeners", spec.listeners.map(listenerLine)),
    shellList("removals", spec.remove),
    shellList("keeps", spec.keep),
    frontCheck(spec.frontMounts),
  ].join(
    "\n",
  )}\n${SCRIPT_COMMON}${SCRIPT_FOREIGN}${SCRIPT_ADOPT}${SCRIPT_ACTIVATE}\nmain "\${1:-}" "\${2:-}"\n`;
}

function listenerLine({ name, scheme, host, port, path, statuses }: Listener): string {
  return [name, scheme, host, port, path, statuses.join(",")].join(" ");
}

/** `nginx -t` of the release's own image, without a network: its upstreams are variables, so that no name is asked. */
function frontCheck(mounts: readonly FrontMount[]): string {
  const options = mounts.map(({ source, target }) => {
    const from = source.startsWith("/") ? shellQuote(source) : `"$1"${shellQuote(`/${source}`)}`;
    return `-v ${from}${shellQuote(`:${target}:ro`)}`;
  });
  const words = [
    "docker_limited run --rm --network none --entrypoint nginx",
    ...options,
    '"$FRONT_IMAGE" -t',
  ];
  return `check_front() { ${words.join(" ")}; }`;
}

/** What prepares a fresh folder for the upload, as one command of a remote-exec. */
export function renderPreparation(incoming: string): string {
  const folder = shellQuote(incoming);
  return `umask 022 && mkdir -p "$(dirname ${folder})" && mkdir -m 700 ${folder}`;
}
