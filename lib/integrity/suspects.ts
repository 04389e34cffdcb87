import type { FindingKind } from "./contract";

/** Something that seemed broken once. */
export interface Suspicion {
  readonly finding: FindingKind;
  readonly detail: string;
  /** When it was seen, in epoch ms; null for what follows from verified bytes and needs no second question. */
  readonly at: number | null;
}

export interface Suspect extends Suspicion {
  /** Questions asked since the first. */
  readonly rounds: number;
  /** The same answer came twice. */
  readonly isConfirmed: boolean;
}

/** What seemed broken in one repository and waits for its second look. */
export class Suspects {
  readonly objects = new Map<number, Suspect>();
  readonly tags = new Map<number, Suspect>();
  /** Information on objects that are not broken. */
  readonly notes = new Map<number, Suspicion>();

  get count(): number {
    return this.objects.size + this.tags.size;
  }

  /** Whether a report may name the object. */
  has(id: number): boolean {
    return this.objects.has(id) || this.notes.has(id);
  }

  addObject(id: number, suspicion: Suspicion): void {
    if (!this.objects.has(id)) this.objects.set(id, asSuspect(suspicion));
  }

  addTag(tag: number, suspicion: Suspicion): void {
    this.tags.set(tag, asSuspect(suspicion));
  }

  addNote(id: number, suspicion: Suspicion): void {
    if (!this.notes.has(id)) this.notes.set(id, suspicion);
  }
}

function asSuspect(suspicion: Suspicion): Suspect {
  return { ...suspicion, rounds: 0, isConfirmed: suspicion.at === null };
}
