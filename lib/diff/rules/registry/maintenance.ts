import { parseShell } from "../../../registry-host/documents/shell-commands";
import type { Json } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { baseName } from "../common/place-name";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { childrenOf, pathOf, type Spot, spotsOf } from "../common/spot";
import { judged, type Statement } from "../common/statement";
import type { DomainRule } from "../domain-rule";

/** Scripts, units and arguments that keep a registry small: what they delete, and whether pushes are held meanwhile. */
export const MAINTENANCE: DomainRule = {
  name: "maintenance",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    return judged(
      placePairs(input).flatMap((pair) => {
        const before = textsOf(pair.base);
        return [...textsOf(pair.head)].flatMap(([path, now]) => {
          const old = before.get(path);
          if (old === undefined || old.text === now.text) return [];
          const isText = typeof now.spot.value === "string";
          const touches = isText ? index.below(pair.place, now.spot.steps) : [];
          return [...retention(pair, old, now), ...readOnly(pair, old, now), ...timer(pair, old, now)].map(
            (statement) => ({ ...statement, touches }),
          );
        });
      }),
    );
  },
};

interface Text {
  readonly spot: Spot;
  readonly text: string;
}

/** Texts, and lists of words as one text: a container's arguments. */
function textsOf(root: Json | undefined): ReadonlyMap<string, Text> {
  const found = new Map<string, Text>();
  const add = (spot: Spot): void => {
    const { value } = spot;
    const words =
      Array.isArray(value) && value.every((one) => typeof one === "string") ? value.join(" ") : null;
    const text = typeof value === "string" ? value : words;
    if (text !== null && /keep-last|garbage-collect|OnCalendar=/.test(text)) {
      found.set(pathOf(spot.steps), { spot, text });
    }
  };
  for (const spot of spotsOf(root)) {
    if (spot.steps.length === 0) add(spot);
    for (const child of childrenOf(spot)) add(child);
  }
  return found;
}

function fileName({ label }: PlacePair, { spot }: Text): string {
  return baseName(spot.steps.at(-1)?.name ?? label);
}

function statement(
  pair: PlacePair,
  now: Text,
  words: Pick<Statement, "grade" | "kind" | "before" | "after" | "text">,
): Statement {
  return { ...words, subject: fileName(pair, now), place: pair.place, steps: now.spot.steps, covers: [] };
}

function retention(pair: PlacePair, old: Text, now: Text): readonly Statement[] {
  const [before, after] = [old, now].map(({ text }) => leastKept(text));
  if (before === after || before === undefined || after === undefined) return [];
  const name = fileName(pair, now);
  if (before === null || after === null) {
    const starts = before === null;
    const text = starts
      ? `${name} deletes old tags now, and keeps the newest ${after} of a repository.`
      : `${name} deletes old tags no more: it kept the newest ${before} of a repository.`;
    const values = {
      before: before === null ? null : `${before}`,
      after: after === null ? null : `${after}`,
    };
    return [
      statement(pair, now, {
        grade: starts ? "risk" : "notice",
        kind: starts ? "retention_added" : "retention_removed",
        ...values,
        text,
      }),
    ];
  }
  const fewer = after < before;
  const text = `${name} keeps the newest ${after} tags of a repository instead of ${before}: ${fewer ? "the others are deleted at its next run" : "the disk needs more room"}.`;
  const kind = fewer ? "retention_keeps_fewer" : "retention_keeps_more";
  return [
    statement(pair, now, {
      grade: fewer ? "risk" : "info",
      kind,
      before: `${before}`,
      after: `${after}`,
      text,
    }),
  ];
}

function leastKept(text: string): number | null {
  const counts = [...text.matchAll(/--keep-last[=\s'"]+(\d{1,6})/g)].map(([, count]) => Number(count));
  return counts.length === 0 ? null : Math.min(...counts);
}

/** A collection beside a push loses layers: the lines that make the registry read-only must not become fewer. */
function readOnly(pair: PlacePair, old: Text, now: Text): readonly Statement[] {
  const [before, after] = [old, now].map(({ text }) => readOnlyCommands(text));
  if (before === undefined || after === undefined || !isCollecting(now.text) || !isCollecting(old.text))
    return [];
  const lost = before.find((line) => !after.includes(line));
  if (after.length >= before.length || lost === undefined) return [];
  const name = fileName(pair, now);
  const text = `${name} collects garbage and has fewer steps that make the registry read-only (${lost}): a push meanwhile loses layers.`;
  return [
    statement(pair, now, {
      grade: "danger",
      kind: "read_only_step_lost",
      before: lost.slice(0, 120),
      after: null,
      text,
    }),
  ];
}

function isCollecting(text: string): boolean {
  return parseShell(text).commands.some((command) => command.text.includes("garbage-collect"));
}

/** `--read-only` is a container's own filesystem, and no step. */
function readOnlyCommands(text: string): readonly string[] {
  return parseShell(text)
    .commands.map((command) => command.text)
    .filter((line) => /(?<!--)\bread[-_ ]?only\b/i.test(line.replace(/--read-only/g, "")));
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html#Calendar%20Events */
function timer(pair: PlacePair, old: Text, now: Text): readonly Statement[] {
  const [before, after] = [old, now].map(({ text }) =>
    [...text.matchAll(/^OnCalendar=(.*)$/gm)].map(([, when = ""]) => when.trim()).join(", "),
  );
  if (before === after || before === undefined || after === undefined || before === "") return [];
  const text = `${fileName(pair, now)} runs at other times: ${before} became ${after === "" ? "never" : after}.`;
  const grade = after === "" ? "risk" : "notice";
  return [
    statement(pair, now, {
      grade,
      kind: "maintenance_time_changed",
      before,
      after: after === "" ? null : after,
      text,
    }),
  ];
}
