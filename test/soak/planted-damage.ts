import type { FindingKind } from "../../lib/integrity/contract";
import type { Finding, Report } from "../../lib/integrity/report";
import type { SeededRandom } from "./seeded-random";

/** By which a finding is known to be of a harm. */
export interface Mark {
  readonly kind: FindingKind;
  /** @default any */
  readonly repository?: string;
  /** As a finding has it. @default any */
  readonly digest?: string | null;
}

/** Something that is done to a registry, and undone. */
export interface Harm {
  readonly name: string;
  /** What it may be called from its beginning until it is mended; none where nothing breaks. */
  readonly marks: readonly Mark[];
  /** What a walk may call it besides that began before it was done. @default nothing */
  readonly beginningMarks?: readonly Mark[];
  /** What it may be called besides while it is being mended. @default nothing */
  readonly mendingMarks?: readonly Mark[];
  /** Resolves when every walk that begins now must see it. */
  readonly begin: () => Promise<void>;
  /** Resolves when everything is whole again. */
  readonly mend: () => Promise<void>;
}

interface Planted extends Omit<Harm, "begin" | "mend"> {
  readonly fromMs: number;
  /** From when until when it must be told; null while that is not known, or where it need not be. */
  surelyFromMs: number | null;
  surelyUntilMs: number | null;
  /** null while it lasts. */
  untilMs: number | null;
  isTold: boolean;
}

/** Does harm at known times, mends it again, and holds every report against that. */
export class PlantedDamage {
  readonly wrong: string[] = [];
  /** Different reports held against the truth, and those of them that were complete. */
  reports = 0;
  complete = 0;
  private readonly planted: Planted[] = [];
  private lastReport = "";

  constructor(
    private readonly choose: () => Harm,
    private readonly random: SeededRandom,
  ) {}

  /** By the harm's name, how often it was done. */
  get done(): Readonly<Record<string, number>> {
    const done: Record<string, number> = {};
    for (const { name } of this.planted) done[name] = (done[name] ?? 0) + 1;
    return done;
  }

  get isAnyTold(): boolean {
    return this.planted.some(({ isTold, surelyFromMs }) => isTold && surelyFromMs !== null);
  }

  /** @param patienceMs how long a damage may stay untold, and how long each lasts at least after that */
  async breakAndMend(
    isOver: () => boolean,
    pause: (ms: number) => Promise<void>,
    patienceMs: number,
  ): Promise<void> {
    while (!isOver()) {
      await pause(this.random.between(1_000, 4_000));
      if (isOver()) return;
      const harm = this.choose();
      const planted = this.plant(harm);
      await harm.begin();
      planted.surelyFromMs = Date.now();
      const limit = performance.now() + patienceMs;
      const isAwaited = harm.marks.length > 0;
      while (isAwaited && !planted.isTold && performance.now() < limit && !isOver()) await pause(100);
      if (isAwaited && !planted.isTold && !isOver()) {
        this.wrong.push(`${words(harm)} was not told within ${patienceMs} ms. ${this.lastWord()}`);
      }
      // What breaks nothing stands for longer than a walk, to be called damage if it is.
      await pause(this.random.between(isAwaited ? 0 : 2_000, isAwaited ? 1_000 : 4_000));
      planted.surelyUntilMs = Date.now();
      await harm.mend();
      planted.untilMs = Date.now();
    }
  }

  /** Does what a walk may catch half done, and need not. */
  async halfDone(mark: Mark, work: () => Promise<void>): Promise<void> {
    const planted = this.plant({ name: "half done", marks: [mark] });
    await work();
    planted.untilMs = Date.now();
  }

  /** @param text of the report that is served just now */
  hold(text: string): void {
    if (text === this.lastReport) return;
    this.lastReport = text;
    this.reports++;
    const report = JSON.parse(text) as Report;
    if (report.complete) this.complete++;
    const beganMs = Date.parse(report.startedAt);
    const endedMs = beganMs + report.durationMs + 1;
    const damage = report.findings.filter(({ severity }) => severity === "damage");
    for (const finding of damage) {
      const causes = this.planted.filter((planted) => mayBe(planted, finding, beganMs, endedMs));
      if (causes.length === 0) this.wrong.push(`${report.startedAt}: ${brief(finding)}`);
      for (const cause of causes) cause.isTold = true;
    }
    if (!report.complete) return;
    for (const planted of this.planted) {
      const { marks, surelyFromMs, surelyUntilMs } = planted;
      if (marks.length === 0 || surelyFromMs === null || surelyFromMs >= beganMs) continue;
      if (surelyUntilMs !== null && surelyUntilMs <= endedMs) continue;
      if (!damage.some((finding) => isMarked(marks, finding))) {
        this.wrong.push(`${report.startedAt}: complete, and silent on ${words(planted)}`);
      }
    }
  }

  /** Why it was not told, perhaps. */
  private lastWord(): string {
    if (this.lastReport === "") return "There is no report";
    const { startedAt, complete, undetermined } = JSON.parse(this.lastReport) as Report;
    const [first] = undetermined;
    const cause = first === undefined ? "" : `, ${first.reason}: ${first.detail}`;
    return `The last report, of ${startedAt}, is ${complete ? "complete" : "incomplete"}${cause}`;
  }

  private plant({
    name,
    marks,
    beginningMarks = [],
    mendingMarks = [],
  }: Omit<Harm, "begin" | "mend">): Planted {
    const planted: Planted = {
      name,
      marks,
      beginningMarks,
      mendingMarks,
      fromMs: Date.now(),
      surelyFromMs: null,
      surelyUntilMs: null,
      untilMs: null,
      isTold: false,
    };
    this.planted.push(planted);
    return planted;
  }
}

/** Whether a walk of that time may have seen it. */
function mayBe(planted: Planted, finding: Finding, beganMs: number, endedMs: number): boolean {
  const {
    marks,
    beginningMarks = [],
    mendingMarks = [],
    fromMs,
    surelyFromMs,
    surelyUntilMs,
    untilMs,
  } = planted;
  if (fromMs > endedMs || (untilMs !== null && untilMs < beganMs)) return false;
  const isBeingMended = surelyUntilMs !== null && surelyUntilMs <= endedMs;
  const hasBegunBefore = surelyFromMs === null || beganMs <= surelyFromMs;
  return (
    isMarked(marks, finding) ||
    (hasBegunBefore && isMarked(beginningMarks, finding)) ||
    (isBeingMended && isMarked(mendingMarks, finding))
  );
}

function isMarked(marks: readonly Mark[], finding: Finding): boolean {
  return marks.some(
    ({ kind, repository, digest }) =>
      kind === finding.kind &&
      (repository === undefined || repository === finding.repository) &&
      (digest === undefined || digest === finding.digest),
  );
}

function words({ name, marks }: Pick<Harm, "name" | "marks">): string {
  return `${name} (${marks.map(({ kind }) => kind).join(" or ")})`;
}

function brief({ kind, repository, digest, tags, detail }: Finding): string {
  return `${kind} ${repository} ${tags.join(",")} ${digest}: ${detail}`;
}
