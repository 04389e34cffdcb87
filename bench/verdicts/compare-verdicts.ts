import type { Table } from "../report/record";

/** `unknown` where a contender says that it could not tell. */
export type Verdict = "whole" | "broken" | "unknown";

/** What is known of an image. */
export interface Truth {
  readonly name: string;
  readonly isWhole: boolean;
  /** Nothing but reading the bytes shows it. */
  readonly isOnlyInBytes: boolean;
}

export interface Judged {
  readonly contender: string;
  /**
   * What we promise of it: that it finds `all` broken images, or those that show without a layer being read, or none.
   * Each but `nothing` is also the promise that what it calls broken is.
   */
  readonly promise: "all" | "all but bytes" | "no false alarm" | "nothing";
  /** One for each truth, in their order. */
  readonly verdicts: readonly Verdict[];
}

/** Contenders by column; what is not the truth is in bold. */
export function verdictTable(truths: readonly Truth[], judged: readonly Judged[]): Table {
  return {
    head: ["", "truth", ...judged.map(({ contender }) => contender)],
    rows: truths.map((truth, i) => [
      truth.name,
      truth.isWhole ? "whole" : "broken",
      ...judged.map(({ verdicts }) => {
        const verdict = verdicts[i] ?? "unknown";
        return agrees(truth, verdict) ? verdict : `**${verdict}**`;
      }),
    ]),
    words: [0, 1, ...judged.map((_, i) => i + 2)],
  };
}

function agrees({ isWhole }: Truth, verdict: Verdict): boolean {
  return verdict === (isWhole ? "whole" : "broken");
}

/** Every verdict that is not the truth, a line each contender that has one. */
export function disagreements(truths: readonly Truth[], judged: readonly Judged[]): readonly string[] {
  return judged.flatMap(({ contender, verdicts }) => {
    const wrong = truths.flatMap((truth, i) => {
      const verdict = verdicts[i] ?? "unknown";
      return agrees(truth, verdict) ? [] : [`${truth.name} (says ${verdict})`];
    });
    return wrong.length === 0
      ? []
      : [`${contender}: ${wrong.length} of ${truths.length}: ${wrong.join("; ")}`];
  });
}

/** Verdicts against what their contender promises: each is a defect of ours. */
export function brokenPromises(truths: readonly Truth[], judged: readonly Judged[]): readonly string[] {
  return judged.flatMap(({ contender, promise, verdicts }) =>
    truths.flatMap((truth, i) => {
      const verdict = verdicts[i] ?? "unknown";
      if (agrees(truth, verdict) || !isPromised(truth, promise)) return [];
      return [`${contender} says that "${truth.name}" is ${verdict}`];
    }),
  );
}

function isPromised(truth: Truth, promise: Judged["promise"]): boolean {
  if (promise === "nothing") return false;
  if (truth.isWhole || promise === "all") return true;
  return promise === "all but bytes" && !truth.isOnlyInBytes;
}

/** Several parts of one table, each by the same contenders, as one. */
export function joinJudged(parts: readonly (readonly Judged[])[]): readonly Judged[] {
  const [first = [], ...rest] = parts;
  return first.map((judged, i) => ({
    ...judged,
    verdicts: [...judged.verdicts, ...rest.flatMap((part) => part[i]?.verdicts ?? [])],
  }));
}
