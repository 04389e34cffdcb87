import { Chunks } from "./chunks";
import type { Edge } from "./role";

const NONE = -1;
/** Beside the three edges: the end of a run, or, where it begins one, the run before it. */
const END = 3;

/** Who points to whom: for each object a run of targets, 4 bytes each and 4 for the end. */
export class EdgeRuns {
  private readonly entries = new Chunks(Int32Array);
  private length = 0;
  /** Whose run has no end yet. */
  private open = NONE;

  /** @param first where the object's edges begin, or -1 @returns where they begin now */
  add(from: number, first: number, to: number, edge: Edge): number {
    let start = first;
    if (from !== this.open) {
      if (this.open !== NONE) this.push(END);
      this.open = from;
      start = this.length;
      // An object that is linked again later.
      if (first !== NONE) this.push(first * 4 + END);
    }
    this.push(to * 4 + edge);
    return start;
  }

  /** @param first where an object's edges begin, or -1 */
  each(first: number, visit: (target: number, edge: number) => void): void {
    for (let start = first; start !== NONE; ) {
      let before = NONE;
      for (let at = start; at < this.length; at++) {
        const entry = this.entries.get(at);
        if ((entry & 3) !== END) visit(entry >>> 2, entry & 3);
        else if (at === start) before = entry >>> 2;
        else break;
      }
      start = before;
    }
  }

  private push(entry: number): void {
    this.entries.set(this.length++, entry);
  }
}
