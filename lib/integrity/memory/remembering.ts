import { fileMemory, type MemoryPlace, processMemory } from "./memory-place";

declare const KEPT: unique symbol;

/** What the walks of one registry read, kept from walk to walk. What is in it is nobody's business but theirs. */
export interface Remembering {
  readonly [KEPT]: true;
}

const places = new WeakMap<object, MemoryPlace>();

/** In a file, which is made where it is not there. One at a time writes it. */
export function rememberInFile(path: string): Remembering {
  return rememberIn(fileMemory(path));
}

/**
 * In this process, which forgets it at its end.
 *
 * @param sharers how many registries' walks share what it may take, 8 MiB. Default 1
 */
export function rememberInProcess(sharers = 1): Remembering {
  return rememberIn(processMemory(sharers));
}

export function rememberIn(place: MemoryPlace): Remembering {
  const remembering = Object.freeze({}) as Remembering;
  places.set(remembering, place);
  return remembering;
}

/** Where it is kept; null for what was not made here. */
export function placeOf(remembering: Remembering): MemoryPlace | null {
  return places.get(remembering) ?? null;
}
