/** About three digits: `0.034`, `4.27`, `38.1`, `12,345`; `–` for what was not measured. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return Math.round(value).toLocaleString("en-GB");
  if (size >= 10) return value.toFixed(1);
  return size >= 0.1 ? value.toFixed(2) : value.toFixed(3);
}

/** The raw figures, in the order in which they were taken. */
export function figures(values: readonly number[]): string {
  return values.map(figure).join(" · ");
}

/** `1 tag`, `2 tags`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? noun : plural}`;
}
