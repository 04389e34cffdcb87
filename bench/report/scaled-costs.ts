/** What grows with a number of elements, as a table and as bars. */
import { figure, figures } from "./figures";
import type { Bar, Table } from "./record";
import { exponentOf, growthPerElement, median } from "./statistics";

export interface ScaledCosts {
  readonly name: string;
  /** Seconds of each round, by the number of elements. */
  readonly rounds: ReadonlyMap<number, readonly number[]>;
}

/** Above it the cost of an element is not flat: what is more than noise. */
const MOST_GROWTH = 1.3;

export function scaledTable(all: readonly ScaledCosts[]): Table {
  return {
    head: ["", "elements", "s, by round", "median s", "ms an element", "exponent"],
    rows: all.flatMap((one) =>
      [...one.rounds].map(([elements, seconds], i) => [
        i === 0 ? one.name : "",
        elements.toLocaleString("en-GB"),
        figures(seconds),
        figure(median(seconds)),
        figure((median(seconds) / elements) * 1000),
        i === one.rounds.size - 1 ? figure(exponentOf(costsOf(one))) : "",
      ]),
    ),
    words: [0, 2],
  };
}

export function scaledBars(all: readonly ScaledCosts[]): readonly Bar[] {
  return all
    .filter(({ rounds }) => rounds.size > 1)
    .map((one) => ({
      text: `${one.name}: cost of an element among ${Math.max(...one.rounds.keys()).toLocaleString("en-GB")}, over its least among fewer`,
      measured: growthPerElement(costsOf(one)),
      rule: "at most",
      limit: MOST_GROWTH,
    }));
}

function costsOf({ rounds }: ScaledCosts) {
  return [...rounds].map(([elements, seconds]) => ({ elements, cost: median(seconds) }));
}
