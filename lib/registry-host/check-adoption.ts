import type { Problem } from "../core/problem";

/**
 * Names of what works on a host that runs already, as a refused activation lists them: a file (`/etc/cron.d/registry`),
 * a line (`crontab: 0 2 * * * …`), a unit (`registry-gc.service`), a container (`container: registry-old`);
 * to keep alone, a line of another user's crontab (`crontab backup: 0 2 * * * …`).
 */
export interface AdoptOptions {
  /** Retired once the release works; kept as copies in <root>/retired. */
  readonly remove?: readonly string[];
  /** Left alone, as a backup that only reads. */
  readonly keep?: readonly string[];
}

const NAME =
  /^(?:\/etc\/cron[a-z.]*\/[A-Za-z0-9._-]+|(?:crontab|\/etc\/(?:ana)?crontab): [^\n\t]+|container: [A-Za-z0-9][A-Za-z0-9_.-]*|[A-Za-z0-9@_.\\:-]+\.(?:service|timer)(?:\.d\/[A-Za-z0-9._-]+\.conf)?)$/;

const OTHER_CRONTAB = /^crontab [^\s:]+: [^\n\t]+$/;

/** Names that no host could have are a slip of the pen, and would silently retire nothing. */
export function checkAdoption({ remove = [], keep = [] }: AdoptOptions): readonly Problem[] {
  const forms = [
    ...remove.map((value, i) => ({ path: `adopt.remove[${i}]`, value })),
    ...keep.map((value, i) => ({ path: `adopt.keep[${i}]`, value })),
  ]
    .filter(({ value }) => !NAME.test(value) && !OTHER_CRONTAB.test(value))
    .map(({ path, value }) => ({
      path,
      rule: "be a name as the refused activation lists it",
      value,
      fix: "Write /etc/cron.d/<file>, crontab: <line>, crontab <user>: <line>, <unit>.service, or container: <name>.",
    }));
  const others = remove.flatMap((value, i) =>
    OTHER_CRONTAB.test(value)
      ? [
          {
            path: `adopt.remove[${i}]`,
            rule: "name no line of another user's crontab",
            value,
            fix: "Take the line out by hand (crontab -u <user> -e), or name it in adopt.keep.",
          },
        ]
      : [],
  );
  const both = keep.filter((value) => remove.includes(value));
  return [
    ...forms,
    ...others,
    ...both.map((value) => ({
      path: "adopt.keep",
      rule: "name nothing that is also in adopt.remove",
      value,
      fix: "Take it out of one of the two.",
    })),
  ];
}
