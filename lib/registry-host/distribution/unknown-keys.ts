import type { Problem } from "../../core/problem";
import type { RegistryMajor } from "./registry-version";

/** Keys that people write and a registry of that version passes over without a word. */
interface UnknownKey {
  readonly path: readonly string[];
  readonly majors: readonly RegistryMajor[];
  readonly fix: string;
}

const UNKNOWN_KEYS: readonly UnknownKey[] = [
  {
    path: ["storage", "filesystem", "maxsize"],
    majors: [2, 3],
    fix: "Leave it out: no registry bounds its storage. Watch the disk instead.",
  },
  {
    path: ["proxy", "ttl"],
    majors: [2],
    fix: "Leave it out: 2.8 keeps what was pulled for 7 days; 3.x has the setting.",
  },
  { path: ["proxy", "exec"], majors: [2], fix: "Leave it out: it came with 3.x." },
  { path: ["storage", "tag"], majors: [2], fix: "Leave it out: it came with 3.x." },
  { path: ["loglevel"], majors: [3], fix: "Write log.level." },
  { path: ["reporting"], majors: [3], fix: "Leave it out: it went with 3.0." },
  { path: ["compatibility"], majors: [3], fix: "Leave it out: schema 1 went with 3.0." },
];

/** Keys of a configuration, read from YAML, that this version does not have. @param path what names the document */
export function checkUnknownKeys(config: unknown, major: RegistryMajor, path: string): readonly Problem[] {
  return UNKNOWN_KEYS.filter(({ majors }) => majors.includes(major)).flatMap((key) => {
    const value = key.path.reduce<unknown>(
      (at, name) =>
        typeof at === "object" && at !== null
          ? Object.entries(at).find(([own]) => own === name)?.[1]
          : undefined,
      config,
    );
    if (value === undefined) return [];
    const rule = `be left out: registry ${major}.x has no such key`;
    return [{ path: `${path}: ${key.path.join(".")}`, rule, value, fix: key.fix }];
  });
}
