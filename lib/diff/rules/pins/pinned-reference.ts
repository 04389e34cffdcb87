/** What a line of code runs that others publish: an image, a chart, an action of GitHub. */
export interface PinnedReference {
  readonly kind: "image" | "chart" | "action";
  /** As written. */
  readonly text: string;
  /** Without version and digest: `ghcr.io/a/b`. */
  readonly name: string;
  readonly tag: string | null;
  /** `<alg>:<hex>`, of an action the commit. */
  readonly digest: string | null;
  /** Of a chart: the URL of its repository. */
  readonly source: string | null;
}

/** Null for what only its template knows (`${var.image}`), and for what is no name of an image. */
export function readImageReference(written: string): PinnedReference | null {
  const text = written.trim().replace(/\$\{\w+:?-([^}]*)\}/g, "$1");
  if (!/^[A-Za-z0-9[][A-Za-z0-9._/:@+[\]-]*$/.test(text) || text.length > 512) return null;
  const [tagged = "", digest] = text.split("@");
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  const name = colon < 0 ? tagged : tagged.slice(0, colon);
  const tag = colon < 0 ? null : tagged.slice(colon + 1);
  if (name === "" || tag === "") return null;
  return { kind: "image", text, name, tag, digest: digest ?? null, source: null };
}

/** `owner/name@ref` or `docker://image`; null for an action of the repository itself. */
export function readActionReference(written: string): PinnedReference | null {
  const text = written.trim();
  if (text.startsWith("docker://")) return readImageReference(text.slice("docker://".length));
  const [, name, ref] = /^([\w.-]+\/[\w./-]+)@([\w./-]+)$/.exec(text) ?? [];
  if (name === undefined || ref === undefined) return null;
  const isCommit = /^[0-9a-f]{40}$/.test(ref);
  const [tag, digest] = isCommit ? [null, ref] : [ref, null];
  return { kind: "action", text, name, tag, digest, source: null };
}

/** A chart of a repository; null for one from a folder, which is the commit's own. */
export function readChartReference(
  chart: string,
  version: string | null,
  source: string | null,
): PinnedReference | null {
  if (/^[./~$]|^assets\/|[\s{}]/.test(chart) || chart === "" || (version ?? "").includes("${")) return null;
  const text = version === null ? chart : `${chart} ${version}`;
  return { kind: "chart", text, name: chart, tag: version, digest: null, source };
}

/** Whether tomorrow other bytes may come by the same words. */
export function isFloating({ kind, tag, digest }: PinnedReference): boolean {
  if (digest !== null) return false;
  if (tag === null) return true;
  if (kind === "chart") return /[*^~<>|, ]|(?:^|\.)x(?:\.|$)/i.test(tag) || !/^v?\d+\.\d+\.\d+/.test(tag);
  // A word (`latest`, `alpine`), or a version that follows its newest patch (`2`, `2.8`, `2.8-alpine`). A commit's
  // digits, a date or a build's number are none of these.
  return !/\d/.test(tag) || /^v?\d{1,4}(?:\.\d{1,5})?(?:[-_+.][A-Za-z].*)?$/.test(tag);
}

/** Numbers of a version, and what follows them; null for a tag that is none. */
export function versionOf(
  tag: string | null,
): { readonly numbers: readonly number[]; readonly rest: string } | null {
  const [, digits, rest] = /^v?(\d{1,9}(?:\.\d{1,9}){0,5})(?![0-9a-f])(.*)$/s.exec(tag ?? "") ?? [];
  if (digits === undefined || rest === undefined) return null;
  return { numbers: digits.split(".").map(Number), rest };
}

/** Negative when the first is the older, 0 where neither is, null where the tags cannot be compared. */
export function compareVersions(a: string | null, b: string | null): number | null {
  const [first, second] = [versionOf(a), versionOf(b)];
  if (first === null || second === null) return null;
  const length = Math.max(first.numbers.length, second.numbers.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (first.numbers[at] ?? 0) - (second.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  const [before, after] = [preRelease(first.rest), preRelease(second.rest)];
  if (before === after) return 0;
  if (before === null || after === null) return before === null ? 1 : -1;
  return before.localeCompare(after, "en", { numeric: true });
}

/** https://semver.org/#spec-item-11 says that a pre-release is older than its release. */
function preRelease(rest: string): string | null {
  return /^[-.]?((?:alpha|beta|rc|pre)[-.]?\d*(?:\.\d+)*)/i.exec(rest)?.[1]?.toLowerCase() ?? null;
}
