import type { Change } from "../change";
import { type Delta, placeName, type Rename } from "../delta";
import { stateBlocks } from "../renames/state-blocks";
import { placeLabel } from "./place-label";
import { showText, showWhere } from "./show-value";
import type { WordingContext } from "./wording-context";

const MAX_NAME_LENGTH = 150;

type Whole = Pick<Change, "grade" | "kind" | "text">;

/** A stack, a resource or an artifact that came or went. Null for a delta inside one. */
export function wordWhole(delta: Delta, context: WordingContext): Change | null {
  const { place, path, before, after } = delta;
  const isAdded = before === undefined;
  if (path.length > 0 || isAdded === (after === undefined)) return null;
  const whole = words(delta, context, isAdded);
  if (whole === null) return null;
  const name = placeLabel(place, context);
  return { ...whole, where: showWhere(delta), before: isAdded ? null : name, after: isAdded ? name : null };
}

function words(delta: Delta, context: WordingContext, isAdded: boolean): Whole | null {
  const name = placeLabel(delta.place, context);
  switch (delta.place.kind) {
    case "settings":
      return null;
    case "artifact":
      return isAdded
        ? { grade: "info", kind: "artifact_added", text: `The artifact ${name} is new.` }
        : { grade: "notice", kind: "artifact_removed", text: `The artifact ${name} is no longer written.` };
    case "stack":
      return wordStack(delta, name, isAdded);
    case "resource":
      return wordResource(delta.place, context, isAdded);
  }
}

function wordStack({ before, after }: Delta, name: string, isAdded: boolean): Whole {
  const addresses = isAdded ? after : before;
  const count = Array.isArray(addresses) ? addresses.length : 0;
  const resources = count === 1 ? "its resource" : `its ${count} resources`;
  if (isAdded) {
    const will = count === 0 ? "" : `: ${resources} will be created`;
    return { grade: "notice", kind: "stack_added", text: `${name} is new${will}.` };
  }
  const left =
    count === 0 ? "" : `: nothing manages ${resources} any more, and nothing destroys what still runs`;
  return { grade: "danger", kind: "stack_removed", text: `${name} is gone${left}.` };
}

function wordResource(
  place: { readonly stack: string; readonly address: string },
  context: WordingContext,
  isAdded: boolean,
): Whole {
  const name = resourceName(place, context);
  const blocks = stateBlocks(context.head.stacks.get(place.stack)?.settings ?? {});
  const kind = isAdded ? "resource_added" : "resource_removed";
  if (place.address.startsWith("data.")) {
    return { grade: "info", kind, text: `${name} is ${isAdded ? "read" : "no longer read"}.` };
  }
  if (isAdded) {
    const text = blocks.imported.has(place.address)
      ? `${name} adopts the object that exists.`
      : `${name} will be created.`;
    return { grade: "notice", kind, text };
  }
  return blocks.forgotten.has(place.address)
    ? { grade: "notice", kind, text: `${name} is no longer managed; its object stays.` }
    : { grade: "risk", kind, text: `${name} will be destroyed.` };
}

/** `CronJob monitoring/probe (kubernetes_cron_job_v1.probe_45 of the stack monitoring)`. */
function resourceName(
  place: { readonly stack: string; readonly address: string },
  context: WordingContext,
): string {
  const label = placeLabel({ kind: "resource", ...place }, context);
  const address = showText(place.address, MAX_NAME_LENGTH);
  const stack = showText(place.stack, MAX_NAME_LENGTH);
  return label === address
    ? `${address} of the stack ${stack}`
    : `${label} (${address} of the stack ${stack})`;
}

export function wordRename({ from, to, isKept }: Rename, context: WordingContext): Change {
  const isData = to.address.startsWith("data.");
  const older = placeName({ kind: "resource", ...from });
  const newer = placeName({ kind: "resource", ...to });
  const isSameStack = from.stack === to.stack;
  const label = placeLabel({ kind: "resource", ...to }, context);
  const [was, is] = (isSameStack ? [from.address, to.address] : [older, newer]).map((name) =>
    showText(name, MAX_NAME_LENGTH),
  );
  const renamed = label === is ? `${was} is renamed to ${is}` : `${label} is renamed from ${was} to ${is}`;
  return {
    grade: isKept || isData ? "info" : "risk",
    kind: "resource_renamed",
    where: showText(newer, 2 * MAX_NAME_LENGTH),
    before: showText(older, 2 * MAX_NAME_LENGTH),
    after: showText(newer, 2 * MAX_NAME_LENGTH),
    text: `${renamed}${isData ? "." : fate(isKept, isSameStack, context.head.stacks.has(from.stack))}`,
  };
}

function fate(isKept: boolean, isSameStack: boolean, isOlderStackThere: boolean): string {
  if (isKept) return ", and its object is kept.";
  if (isSameStack) return ": it will be destroyed and created; a moved block would keep it.";
  return isOlderStackThere
    ? ": it will be destroyed and created, in no certain order; a removed block there and an import block here would keep it."
    : ": it will be created while what the older stack made is still there; an import block would adopt that.";
}
