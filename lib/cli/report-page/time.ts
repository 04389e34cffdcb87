import { type Html, html } from "../../core/html";

const UNITS = [
  ["day", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** `2026-04-19 12:00:01 UTC (5 min ago)`, also for programs. */
export function moment(atMs: number, nowMs: number): Html {
  const iso = new Date(atMs).toISOString();
  const text = `${iso.slice(0, 19).replace("T", " ")} UTC`;
  return html`<time datetime="${iso}">${text}</time> <span class="age">(${distance(atMs, nowMs)})</span>`;
}

/** `just now`, `5 min ago`, `in 2 h`, `3 days ago`; rounded down. */
export function distance(atMs: number, nowMs: number): string {
  const seconds = Math.floor(Math.abs(nowMs - atMs) / 1_000);
  const [name, size] = UNITS.find(([, least]) => seconds >= least) ?? ["s", 1];
  if (seconds < 10) return "just now";
  const count = Math.floor(seconds / size);
  const amount = `${count} ${name}${name === "day" && count > 1 ? "s" : ""}`;
  return atMs > nowMs ? `in ${amount}` : `${amount} ago`;
}
