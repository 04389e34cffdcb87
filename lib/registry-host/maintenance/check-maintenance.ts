import { ImagePin } from "../../core/image-pin";
import type { Problem } from "../../core/problem";
import { checkHostPath } from "../check-values";
import type { RegistryHostOptions } from "../host-spec";
import type { Retention } from "./maintenance";

const WEEKLY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const MAX_KEEP_LAST = 1_000_000;
/** A line of a shell script and of a plan: nobody writes a longer pattern on purpose. */
const MAX_PATTERN_LENGTH = 1_000;

/** What keeps a host from being maintained safely; empty where no maintenance is asked for. */
export function checkMaintenance(options: RegistryHostOptions): readonly Problem[] {
  const { maintenance, image, registries } = options;
  if (maintenance === undefined) return [];
  const { keep, deleteUntagged, leastFreeBytes, credentialsDirectory } = maintenance.options;
  const hasWritable = Object.values(registries).some(({ kind }) => kind === "private");
  return [
    ...(WEEKLY.test(maintenance.calendar) ? [] : [calendarProblem(maintenance.calendar)]),
    ...(hasWritable ? [] : [nothingToMaintain(Object.keys(registries))]),
    ...(keep === undefined ? [] : checkRetention(keep)),
    ...(deleteUntagged === true ? checkDeleteUntagged(image) : []),
    ...(leastFreeBytes === undefined ? [] : checkLeastFree(leastFreeBytes)),
    ...checkCredentials(credentialsDirectory),
  ];
}

/**
 * Whether `garbage-collect --delete-untagged` of this registry spares the children of an index: from 3.0.0 on, and
 * never for a pin that does not tell its version.
 */
export function keepsIndexChildren({ tag }: ImagePin): boolean {
  // A pre-release of 3.0.0 is before it: the first of them had the fault.
  const [, major, rest = ""] = /^v?([0-9]+)\.([0-9]+\.[0-9]+.*)$/.exec(tag ?? "") ?? [];
  return (
    major !== undefined &&
    Number(major) >= 3 &&
    !(Number(major) === 3 && /^0\.0-(?:alpha|beta|rc)/.test(rest))
  );
}

function calendarProblem(value: string): Problem {
  const fix = 'Write it as "Sun 03:00": Mon to Sun, one blank, hours and minutes of the host\'s clock.';
  return { path: "maintenance.calendar", rule: "be a weekday and a time", value, fix };
}

function nothingToMaintain(names: readonly string[]): Problem {
  const fix = "Leave maintenance out: caches remove what is old by themselves.";
  return { path: "maintenance", rule: "have a registry that is pushed to", value: names, fix };
}

function checkRetention({ keepLast, options }: Retention): readonly Problem[] {
  const path = "maintenance.keep";
  const isCount = Number.isInteger(keepLast) && keepLast >= 1 && keepLast <= MAX_KEEP_LAST;
  return [
    ...(isCount
      ? []
      : [
          {
            path: `${path}.keepLast`,
            rule: `be a whole number from 1 to ${MAX_KEEP_LAST}`,
            value: Number.isFinite(keepLast) ? keepLast : `${keepLast}`,
            fix: "Write Retention.newest(10).",
          },
        ]),
    ...(options.keep ?? []).flatMap((pattern, i) => checkPattern(pattern, `${path}.options.keep[${i}]`)),
  ];
}

function checkPattern(pattern: string, path: string): readonly Problem[] {
  const fix = "Write it as ^v[0-9]+ or ^(main|release-.*)$.";
  if (pattern === "" || pattern.length > MAX_PATTERN_LENGTH || /[\u0000-\u001f\u007f]/.test(pattern)) {
    const rule = `have 1 to ${MAX_PATTERN_LENGTH} characters, no control characters`;
    return [{ path, rule, value: pattern, fix }];
  }
  try {
    // As `retain --keep` reads it.
    new RegExp(pattern, "u");
    return [];
  } catch {
    return [{ path, rule: "be a regular expression", value: pattern, fix }];
  }
}

function checkDeleteUntagged(image: ImagePin | string): readonly Problem[] {
  // A bad pin is a problem of its own.
  if (typeof image === "string" && ImagePin.check(image, "image").length > 0) return [];
  const pin = typeof image === "string" ? ImagePin.of(image) : image;
  if (keepsIndexChildren(pin)) return [];
  const path = "maintenance.deleteUntagged";
  const safe =
    "Leave deleteUntagged out and set keep: tags go through the API, and garbage-collect without -m takes the bytes.";
  if (pin.tag === null) {
    const fix = `Keep the version beside the digest, as registry:3.0.0@sha256:<hex>. ${safe}`;
    return [{ path, rule: "be left out where the image tells no version", value: `${pin}`, fix }];
  }
  const rule =
    "be left out before registry 3.0.0, whose garbage-collect -m takes the children of every index: they have no tag " +
    "(distribution #3178; mended by #4285, never in 2.8)";
  return [{ path, rule, value: `${pin}`, fix: safe }];
}

function checkLeastFree(value: number): readonly Problem[] {
  if (Number.isSafeInteger(value) && value >= 0) return [];
  const fix = "Write 1024 ** 3 for 1 GiB.";
  const rule = "be a whole number of bytes, 0 or more";
  return [
    { path: "maintenance.leastFreeBytes", rule, value: Number.isFinite(value) ? value : `${value}`, fix },
  ];
}

function checkCredentials(value: string | undefined): readonly Problem[] {
  return value === undefined ? [] : checkHostPath(value, "maintenance.credentialsDirectory");
}
