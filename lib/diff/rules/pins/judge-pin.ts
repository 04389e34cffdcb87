import type { Grade } from "../../change";
import { capitalized } from "../common/place-name";
import { compareVersions, isFloating, type PinnedReference, versionOf } from "./pinned-reference";

export interface PinVerdict {
  readonly grade: Grade;
  readonly kind: string;
  readonly text: string;
}

const NOUN = { image: "the image", chart: "the chart", action: "the action" } as const;

/**
 * What it means that one reference took the place of another; `before` is null for a new one. The first verdict is
 * the one that says what changed.
 */
export function judgePin(before: PinnedReference | null, after: PinnedReference): readonly PinVerdict[] {
  if (before === null) return isFloating(after) ? [floats(null, after)] : [];
  if (before.text === after.text && before.source === after.source) return [];
  const isMoved = before.name !== after.name || before.source !== after.source;
  const change = isMoved ? otherName(before, after) : otherVersion(before, after);
  const risks = [
    ...(before.digest !== null && after.digest === null ? [lostDigest(before, after)] : []),
    ...(isFloating(after) && !isFloating(before) ? [floats(before, after)] : []),
  ];
  // That the version is another one says the risk, too.
  return change === null || (risks.length > 0 && change.kind === "version_changed")
    ? risks
    : [change, ...risks];
}

function otherName(before: PinnedReference, after: PinnedReference): PinVerdict {
  const [from, to] = [before, after].map(({ source, text }) =>
    source === null ? text : `${source} ${text}`,
  );
  const text = `${capitalized(NOUN[after.kind])} comes from another repository: ${from} became ${to}.`;
  return { grade: "notice", kind: "pin_repository_changed", text };
}

function otherVersion(before: PinnedReference, after: PinnedReference): PinVerdict | null {
  const { name } = after;
  const pair = `from ${before.tag ?? before.digest ?? "no version"} to ${after.tag ?? after.digest ?? "no version"}`;
  if (before.tag === after.tag) {
    if (before.digest === null || after.digest === null) {
      return after.digest === null ? null : gained(before, after);
    }
    // An action's commit is its version, and no tag stood beside it.
    const under = after.tag === null ? name : `${name}:${after.tag}`;
    const text = `Other bytes under the same name ${under}: ${short(before.digest)} became ${short(after.digest)}.`;
    return { grade: "notice", kind: "digest_changed_under_same_tag", text };
  }
  const order = compareVersions(before.tag, after.tag);
  if (order === null || order === 0) {
    const text = `${capitalized(NOUN[after.kind])} ${name} goes ${pair}; which of the two is newer cannot be told.`;
    return { grade: "notice", kind: "version_changed", text };
  }
  if (order > 0) {
    return { grade: "risk", kind: "version_moved_back", text: `${name} goes back ${pair}.` };
  }
  const isMajor = versionOf(before.tag)?.numbers[0] !== versionOf(after.tag)?.numbers[0];
  const text = `${name} goes ${isMajor ? "to another major version, " : ""}${pair}.`;
  return { grade: isMajor ? "notice" : "info", kind: "version_moved_forward", text };
}

function gained(before: PinnedReference, after: PinnedReference): PinVerdict {
  const text = `${before.text} is pinned by its digest now: ${short(after.digest ?? "")}.`;
  return { grade: "info", kind: "pin_digest_added", text };
}

function lostDigest(before: PinnedReference, after: PinnedReference): PinVerdict {
  const text = `${after.text} has no digest where ${short(before.digest ?? "")} stood: the bytes behind it may change.`;
  return { grade: "risk", kind: "pin_digest_lost", text };
}

function floats(before: PinnedReference | null, after: PinnedReference): PinVerdict {
  const was = before === null ? "" : ` where ${before.text} stood`;
  const what =
    after.tag === null ? `has no ${after.kind === "image" ? "tag" : "version"}` : `has a version that moves`;
  const text = `${capitalized(NOUN[after.kind])} ${after.text} ${what}${was}: a later run may bring another program.`;
  return { grade: "risk", kind: "floating_tag", text };
}

function short(digest: string): string {
  return digest.length > 22 ? `${digest.slice(0, 19)}…` : digest;
}
