/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median of the ratios within a round: what else the machine does meanwhile hits both sides.
 * @throws Error where a round has one side alone
 */
export function medianRatio(own: readonly number[], rival: readonly number[]): number {
  if (own.length !== rival.length)
    throw new Error(`${own.length} rounds cannot be held against ${rival.length}`);
  return median(own.map((value, i) => value / (rival[i] ?? Number.NaN)));
}

/** What some number of elements cost. */
export interface Cost {
  readonly elements: number;
  /** In seconds, or any other unit. */
  readonly cost: number;
}

/**
 * The slope of the line through the logarithms, by least squares: 1 where the cost grows as the elements do, 2 where it
 * grows as their square. NaN of less than two numbers of elements, or of a cost that is not above 0.
 */
export function exponentOf(costs: readonly Cost[]): number {
  const points = costs.map(({ elements, cost }) => ({ x: Math.log(elements), y: Math.log(cost) }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [centreX, centreY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const covariance = mean(points.map(({ x, y }) => (x - centreX) * (y - centreY)));
  const variance = mean(points.map(({ x }) => (x - centreX) ** 2));
  const slope = covariance / variance;
  return Number.isFinite(slope) ? slope : Number.NaN;
}

/**
 * The cost of an element at the largest number over the least cost of one at any smaller number: about 1 where the cost
 * is flat. What is paid once makes few elements dear, and is no growth.
 */
export function growthPerElement(costs: readonly Cost[]): number {
  const sorted = [...costs]
    .sort((a, b) => a.elements - b.elements)
    .map(({ elements, cost }) => cost / elements);
  const largest = sorted.pop() ?? Number.NaN;
  return largest / Math.min(...sorted);
}
