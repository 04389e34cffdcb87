import { listAt, textAt, textsAt, valueAt } from "./json";

/** A plan as data. https://developer.hashicorp.com/terraform/internals/json-format */
export interface PlannedChanges {
  /** Addresses, in the plan's order. */
  readonly create: readonly string[];
  readonly update: readonly string[];
  /** Deleted and created anew. */
  readonly replace: readonly string[];
  readonly delete: readonly string[];
  /** Left as they are, and no longer Terraform's. */
  readonly forget: readonly string[];
  /** Taken over as they are; also among `update` where something of them changes. */
  readonly imported: readonly string[];
  /** What others changed since the last apply. */
  readonly drifted: readonly string[];
}

/** No data source among them. @throws Error for what is no plan */
export function readPlannedChanges(plan: unknown): PlannedChanges {
  const changes = resourceChanges(plan, "resource_changes");
  const by = (is: (actions: readonly string[]) => boolean): readonly string[] =>
    changes.filter(({ actions }) => is(actions)).map(({ address }) => address);
  const alone = (name: string) => by((actions) => actions.length === 1 && actions[0] === name);
  return {
    create: alone("create"),
    update: alone("update"),
    replace: by((actions) => actions.includes("create") && actions.includes("delete")),
    delete: alone("delete"),
    forget: alone("forget"),
    imported: changes.filter(({ isImport }) => isImport).map(({ address }) => address),
    drifted: resourceChanges(plan, "resource_drift").map(({ address }) => address),
  };
}

interface ResourceChange {
  readonly address: string;
  readonly actions: readonly string[];
  readonly isImport: boolean;
}

function resourceChanges(plan: unknown, key: string): readonly ResourceChange[] {
  if (textAt(plan, "format_version") === null) {
    throw new Error(`a plan must be JSON as \`terraform show -json\` gives it, got ${JSON.stringify(plan)}`);
  }
  // Terraform leaves out an empty list.
  return listAt(plan, key)
    .filter((one) => textAt(one, "mode") !== "data")
    .map((one) => ({
      address: textAt(one, "address") ?? "",
      actions: textsAt(one, "change", "actions"),
      isImport: (valueAt(one, "change", "importing") ?? null) !== null,
    }));
}
