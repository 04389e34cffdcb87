import { HOST_METRICS } from "../../integrity/contract";
import { shellList, shellQuote } from "../release/shell-quote";
import { MAINTENANCE_SEQUENCE } from "./maintenance-sequence";
import { MAINTENANCE_STEPS } from "./maintenance-steps";

/** What the script has to know; every text ends quoted in it. */
export interface MaintenanceScriptSpec {
  readonly root: string;
  readonly dataRoot: string;
  readonly project: string;
  readonly textfileDirectory: string;
  /** Runs the host's program. */
  readonly programImage: string;
  readonly credentialsDirectory: string;
  readonly leastFreeBytes: number;
  readonly configInContainer: string;
  /** Of `registry garbage-collect`. */
  readonly collectOptions: readonly string[];
  /** Of `tallyman retain`; null where no tag is removed. */
  readonly retainOptions: readonly string[] | null;
  /** `instance` is the label under which a registry's alerts know it. */
  readonly registries: readonly { readonly name: string; readonly instance: string }[];
}

/** Seconds. A step that takes longer is stuck: it is ended, and the registry comes back read-write. */
const TIME_LIMITS = { SHORT: 120, START: 600, RETAIN: 7_200, COLLECT: 14_400, SCAN: 7_200, PROBE: 3_600 };

/** `maintain.sh`: the one sequence by which tags and bytes leave a registry; with `--recover` the end of a cut-off run. */
export function renderMaintenanceScript(spec: MaintenanceScriptSpec): string {
  const retain =
    spec.retainOptions === null
      ? "retain_with() { :; }"
      : `retain_with() { "$@" ${spec.retainOptions.map(shellQuote).join(" ")}; }`;
  return `${[
    "#!/bin/sh",
    "# Maintains the registries that are pushed to, one after the other. Alone by its lock, safe to run by hand.",
    "set -eu",
    "export COMPOSE_ANSI=never COMPOSE_PROGRESS=plain LC_ALL=C",
    `ROOT=${shellQuote(spec.root)}`,
    `DATA_ROOT=${shellQuote(spec.dataRoot)}`,
    `PROJECT=${shellQuote(spec.project)}`,
    `TEXTFILES=${shellQuote(spec.textfileDirectory)}`,
    `PROGRAM_IMAGE=${shellQuote(spec.programImage)}`,
    `CREDENTIALS=${shellQuote(spec.credentialsDirectory)}`,
    `CONFIG=${shellQuote(spec.configInContainer)}`,
    `LEAST_FREE_KIB=${Math.ceil(spec.leastFreeBytes / 1024)}`,
    `RETAINS=${spec.retainOptions === null ? "no" : "yes"}`,
    `HELP_SUCCESS=${shellQuote(HOST_METRICS.registry_gc_last_success_timestamp)}`,
    `HELP_EXIT_CODE=${shellQuote(HOST_METRICS.registry_gc_last_exit_code)}`,
    `HELP_MAINTENANCE=${shellQuote(HOST_METRICS.registry_maintenance)}`,
    ...Object.entries(TIME_LIMITS).map(([name, seconds]) => `${name}_SECONDS=${seconds}`),
    shellList(
      "registries",
      spec.registries.map(({ name, instance }) => `${name} ${instance}`),
    ),
    retain,
    `collect_with() { "$@" ${[...spec.collectOptions.map(shellQuote), '"$CONFIG"'].join(" ")}; }`,
  ].join("\n")}\n${MAINTENANCE_STEPS}${MAINTENANCE_SEQUENCE}\nmain "\${1:-}"\n`;
}
