/**
 * How alerts, runbooks and services name one another without importing one another: a stack joins them.
 */

/** A runbook of the infrastructure's own repository. */
export interface RunbookRef {
  readonly kind: "runbook";
  /** Relative to the repository's root: `docs/runbooks/<name>.md`. */
  readonly path: string;
}

export interface AlertRef {
  readonly kind: "alert";
  /** As in `alertname`. */
  readonly name: string;
  readonly runbook: RunbookRef;
}

export interface ServiceRef {
  readonly kind: "service";
  /** The service's key in the catalogue. */
  readonly name: string;
}

const RUNBOOK_FOLDER = "docs/runbooks";

/** An alert with the runbook that its name implies, unless another is given. */
export function alertRef(name: string, runbook: RunbookRef = runbookOf(name)): AlertRef {
  return { kind: "alert", name, runbook };
}

export function runbookRef(path: string): RunbookRef {
  return { kind: "runbook", path };
}

export function serviceRef(name: string): ServiceRef {
  return { kind: "service", name };
}

/** `docs/runbooks/<alert-name-in-kebab-case>.md` */
export function runbookOf(alertName: string): RunbookRef {
  return runbookRef(`${RUNBOOK_FOLDER}/${kebabCase(alertName)}.md`);
}

/**
 * `<baseUrl>/docs/runbooks/<alert-name-in-kebab-case>.md`
 *
 * @param baseUrl of the repository's files, with or without a slash at its end; may be a token
 */
export function runbookUrl(baseUrl: string, alertName: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/${runbookOf(alertName).path}`;
}

/** `RegistryTLSExpiresSoon` is `registry-tls-expires-soon`; digits stay with what stands before them. */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
}
