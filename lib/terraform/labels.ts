/**
 * The labels that Kubernetes recommends. No version among them: a selector cannot change, and a version in a pod
 * template would roll every pod at each upgrade of this library.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
import type { Problem } from "../core/problem";

const PREFIX = "app.kubernetes.io/";

/** Whose object it is. Both names are part of selectors: they can never change quietly. */
export interface AppIdentity {
  /** The application, as `registry-integrity-probe`. */
  readonly name: string;
  /** Tells two of them in one namespace apart: the workload's Kubernetes name. */
  readonly instance: string;
  /** The part it plays, as `probe`; in no selector. */
  readonly component: string;
}

/** What a selector matches: name and instance alone. */
export function selectorLabels(app: AppIdentity): Record<string, string> {
  return { [`${PREFIX}name`]: app.name, [`${PREFIX}instance`]: app.instance };
}

/** For an object's and a pod's metadata: the user's own labels win over all but the selector's. */
export function objectLabels(
  app: AppIdentity,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    [`${PREFIX}component`]: app.component,
    [`${PREFIX}part-of`]: "tallyman",
    [`${PREFIX}managed-by`]: "terraform",
    ...own,
    ...selectorLabels(app),
  };
}

/** Labels of the user's that would take a pod out of its own selector. */
export function checkOwnLabels(own: Readonly<Record<string, string>>, path: string): readonly Problem[] {
  return ["name", "instance"]
    .map((part) => PREFIX + part)
    .filter((key) => own[key] !== undefined)
    .map((key) => ({
      path: `${path}[${JSON.stringify(key)}]`,
      rule: "be left to the construct, whose selectors match it",
      value: own[key],
      fix: "Take another key.",
    }));
}
