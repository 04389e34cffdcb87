import type { Pushes } from "./pushes";
import type { Index, SyntheticEstate, TagPlace } from "./synthetic-estate";

/** An object with its bytes. */
export interface HeldObject {
  readonly kind: "index" | "image" | "config" | "layer";
  readonly hex: string;
  readonly body: Buffer;
  /** The push that it came with and goes with; null for what the tags of the repository share. */
  readonly place: TagPlace | null;
}

const REMEMBERED = 2_048;

/** What was told of last, by its digest; all else is found by making its repository anew. */
export class KnownObjects {
  private readonly objects = new Map<string, HeldObject>();

  constructor(
    private readonly estate: SyntheticEstate,
    private readonly pushes: Pushes,
  ) {}

  /** The index of a push; what it names is then found at once. */
  indexAt(place: TagPlace): HeldObject {
    const parts = partsOf(this.estate.index(place));
    for (const part of parts) this.remember(place.repository, part);
    return parts[0] as HeldObject;
  }

  /** The object, if the repository holds it now. */
  find(repository: number, hex: string): HeldObject | null {
    const object = this.objects.get(keyOf(repository, hex)) ?? this.search(repository, hex);
    return object !== null && (object.place === null || this.pushes.isHeld(object.place)) ? object : null;
  }

  private search(repository: number, hex: string): HeldObject | null {
    for (let tag = 0; tag < this.pushes.tagsEver(repository); tag++) {
      const place = this.pushes.current(repository, tag);
      const parts = place === null ? [] : partsOf(this.estate.index(place));
      const match = parts.find((part) => part.hex === hex);
      if (match === undefined) continue;
      for (const part of parts) this.remember(repository, part);
      return match;
    }
    return null;
  }

  private remember(repository: number, object: HeldObject): void {
    this.objects.set(keyOf(repository, object.hex), object);
    const [oldest] = this.objects.size > REMEMBERED ? this.objects.keys() : [];
    if (oldest !== undefined) this.objects.delete(oldest);
  }
}

/** The index first, and everything below it that has bytes. */
function partsOf(index: Index): HeldObject[] {
  const parts: HeldObject[] = [index];
  for (const image of index.images) {
    parts.push(image, image.config);
    for (const { hex, body, place } of image.layers) {
      if (body !== null)
        parts.push({ kind: "layer", hex, body, place: place.scope === 2 ? index.place : null });
    }
  }
  return parts;
}

function keyOf(repository: number, hex: string): string {
  return `${repository}/${hex}`;
}
