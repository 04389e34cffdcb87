import type { PageTime } from "./alerts/rule-set";

/** The version of the file's form. A field is only ever added. */
export const DETECTION_TIMES_SCHEMA = "tallyman.detection-times/1";

/** One rule's entry as it was read, perhaps from another release's file: names are open. */
export interface AlertDetectionTime {
  readonly alert: string;
  /** Tells apart the rules of one alert. */
  readonly reason: string;
  readonly instance: string;
  readonly severity: string;
  /** In the order in which they pass. */
  readonly parts: readonly { readonly name: string; readonly seconds: number }[];
  readonly totalSeconds: number;
}

/** `detection-times.json`, in the rules' order. */
export function renderDetectionTimes(pages: readonly PageTime[]): string {
  const alerts = pages.map(({ alert, reason, instance, severity, time }) => ({
    alert,
    reason,
    instance,
    severity,
    parts: time.parts.map(({ name, seconds }) => ({ name, seconds })),
    totalSeconds: time.total.toSeconds(),
  }));
  return `${JSON.stringify({ schema: DETECTION_TIMES_SCHEMA, alerts }, null, 2)}\n`;
}

/** Reads the parsed file: what is no entry is left out; null where it is no such file, or of another version. */
export function readDetectionTimes(value: unknown): readonly AlertDetectionTime[] | null {
  const root = recordOf(value);
  if (root?.schema !== DETECTION_TIMES_SCHEMA || !Array.isArray(root.alerts)) return null;
  return root.alerts.flatMap((entry) => readEntry(entry) ?? []);
}

function readEntry(value: unknown): AlertDetectionTime | null {
  const entry = recordOf(value);
  if (entry === null) return null;
  const { alert, reason, instance, severity, parts, totalSeconds } = entry;
  if (typeof alert !== "string" || typeof instance !== "string" || typeof severity !== "string") return null;
  if (typeof reason !== "string" || !isSeconds(totalSeconds) || !Array.isArray(parts)) return null;
  return { alert, reason, instance, severity, totalSeconds, parts: parts.flatMap(readPart) };
}

function readPart(value: unknown): AlertDetectionTime["parts"] {
  const part = recordOf(value);
  if (part === null || typeof part.name !== "string" || !isSeconds(part.seconds)) return [];
  return [{ name: part.name, seconds: part.seconds }];
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value));
}
