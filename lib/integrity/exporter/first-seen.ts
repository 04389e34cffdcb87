import type { Assessment } from "../assess";
import type { Finding } from "../report";
import { WALK_LIMITS } from "../walk-context";

/** When a finding was first seen. */
export interface Since {
  /** End of the walk that saw it first; epoch milliseconds. */
  readonly atMs: number;
  /** It was there in the first walk already: its true age is not known. */
  readonly isFromStart: boolean;
}

/** As many as two walks list: a registry that names others each time must not fill the memory. */
const MAX_REMEMBERED = 2 * WALK_LIMITS.listed;

/** Since when each broken object is known, by repository and digest. */
export class FirstSeen {
  private seen = new Map<string, Since>();
  private isFirst = true;

  /** Takes a finished walk: what it found anew begins, what it proved mended ends, what it could not tell stays. */
  update(assessment: Assessment, endedAtMs: number): void {
    const { report } = assessment;
    const next = new Map<string, Since>();
    for (const finding of report.findings) {
      const key = keyOf(finding);
      next.set(key, this.seen.get(key) ?? { atMs: endedAtMs, isFromStart: this.isFirst });
    }
    const couldTell = sightOf(assessment);
    for (const [key, since] of this.seen) {
      if (next.size >= MAX_REMEMBERED) break;
      if (!next.has(key) && !couldTell(repositoryOf(key))) next.set(key, since);
    }
    this.seen = next;
    this.isFirst = false;
  }

  /** null for what no walk found. */
  of(finding: Finding): Since | null {
    return this.seen.get(keyOf(finding)) ?? null;
  }
}

/** No repository's name has a space in it. */
function keyOf({ repository, digest, tags }: Finding): string {
  return `${repository} ${digest ?? tags[0] ?? ""}`;
}

function repositoryOf(key: string): string {
  return key.slice(0, key.indexOf(" "));
}

/** Whether the walk knows all that is to be known of a repository. */
function sightOf({ report, catalogueAccessible }: Assessment): (repository: string) => boolean {
  const isCut = [report.findings, report.undetermined].some((list) => list.length >= WALK_LIMITS.listed);
  if (isCut || !catalogueAccessible) return () => false;
  const doubted = new Set(report.undetermined.map(({ repository }) => repository));
  return (repository) => !doubted.has(null) && !doubted.has(repository);
}
