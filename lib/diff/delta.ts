import type { Json } from "./json";
import { EMBEDDED } from "./output";

/** What was compared: a stack as a whole, a resource, a stack's settings, an artifact. */
export type Place =
  | { readonly kind: "stack"; readonly stack: string }
  | { readonly kind: "resource"; readonly stack: string; readonly address: string }
  | { readonly kind: "settings"; readonly stack: string }
  | { readonly kind: "artifact"; readonly path: string };

/** One difference between two outputs, as deep down as it goes: of an object or a list only what differs. */
export interface Delta {
  /** In the newer output, where it is there: a renamed resource is compared with what it was. */
  readonly place: Place;
  /** Keys from the place's value down. A list's element by its name where it has one, else by index: `name=probe`, `3`. */
  readonly path: readonly string[];
  /** Undefined where there was nothing. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/**
 * The last part of a path where a list's named elements stand in another order; before and after are their names. Such
 * an element's own place among the others is not told when it is added.
 */
export const ORDER = "(order)";

/** The same resource under another logical id, or in another stack: Terraform destroys the one and creates the other. */
export interface Rename {
  readonly type: string;
  readonly from: { readonly stack: string; readonly address: string };
  readonly to: { readonly stack: string; readonly address: string };
  /** True where a `moved` block, or an import beside a `removed` one, keeps the object. */
  readonly isKept: boolean;
}

export function placeName(place: Place): string {
  switch (place.kind) {
    case "stack":
      return place.stack;
    case "resource":
      return `${place.stack}/${place.address}`;
    case "settings":
      return `${place.stack}/settings`;
    case "artifact":
      return `artifacts/${place.path}`;
  }
}

/** `<place> <path>`, as it stands in a change: what is inside a document follows the document's key. */
export function whereOf({ place, path }: Pick<Delta, "place" | "path">): string {
  const names = withoutDocuments(path);
  return names.length === 0 ? placeName(place) : `${placeName(place)} ${names.join(".")}`;
}

/** A path through the borders of documents inside strings, as people write it. */
export function withoutDocuments(path: readonly string[]): readonly string[] {
  return path.filter((segment) => segment !== EMBEDDED);
}
