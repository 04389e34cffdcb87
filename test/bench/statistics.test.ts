import fc from "fast-check";
import { exponentOf, growthPerElement, median, medianRatio } from "../../bench/report/statistics";

test.each<[readonly number[], number]>([
  [[], Number.NaN],
  [[3], 3],
  [[10, 9, 2], 9],
  [[4, 1, 100, 2], 3],
])("the median of %j is %d", (values, expected) => {
  expect(median(values)).toBe(expected);
});

describe("medianRatio", () => {
  test("is of the rounds' ratios, not of the medians", () => {
    // The medians are 4 and 2.
    expect(medianRatio([1, 4, 40], [2, 4, 2])).toBe(1);
  });

  test("does not change when one round is slower on both sides", () => {
    const seconds = fc.double({ min: 0.01, max: 100, noNaN: true });
    const factor = fc.integer({ min: 0, max: 4 }).map((power) => 2 ** power);
    fc.assert(
      fc.property(fc.array(fc.tuple(seconds, seconds, factor), { minLength: 1 }), (rounds) => {
        const quiet = medianRatio(
          rounds.map(([own]) => own),
          rounds.map(([, rival]) => rival),
        );
        const noisy = medianRatio(
          rounds.map(([own, , by]) => own * by),
          rounds.map(([, rival, by]) => rival * by),
        );
        expect(noisy).toBe(quiet);
      }),
    );
  });

  test("refuses a round with one side alone", () => {
    expect(() => medianRatio([1, 2], [1])).toThrow("2 rounds cannot be held against 1");
  });
});

describe("exponentOf", () => {
  test("is the power by which a cost grows, whatever an element costs", () => {
    const power = fc.double({ min: 0, max: 3, noNaN: true });
    const factor = fc.double({ min: 0.001, max: 1000, noNaN: true });
    fc.assert(
      fc.property(power, factor, (exponent, each) => {
        const costs = [10, 100, 1000].map((elements) => ({ elements, cost: each * elements ** exponent }));
        expect(exponentOf(costs)).toBeCloseTo(exponent, 6);
      }),
    );
  });

  test.each([
    ["of nothing", []],
    ["of one number of elements", [{ elements: 10, cost: 1 }]],
    [
      "of one number of elements twice",
      [
        { elements: 10, cost: 1 },
        { elements: 10, cost: 2 },
      ],
    ],
    [
      "of a cost of nothing",
      [
        { elements: 10, cost: 0 },
        { elements: 100, cost: 2 },
      ],
    ],
  ])("there is none %s", (_, costs) => {
    expect(exponentOf(costs)).toBeNaN();
  });
});

test.each([
  ["flat", [10, 100, 1000], [1, 10, 100], 1],
  ["what is paid once is no growth", [10, 100, 1000], [5, 10, 60], 0.6],
  ["quadratic", [10, 100], [1, 100], 10],
  ["a bend at the end", [1000, 10, 100], [300, 1, 10], 3],
])("growthPerElement: %s", (_, elements, costs, expected) => {
  const all = elements.map((count, i) => ({ elements: count, cost: costs[i] ?? 0 }));
  expect(growthPerElement(all)).toBeCloseTo(expected, 9);
});
