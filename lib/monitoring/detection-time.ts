import { Duration } from "../core/duration";

/** What stands between a loss and its page. */
export interface DetectionInput {
  /** The longest gap between two runs. */
  readonly interval: Duration;
  /**
   * Further runs until the one whose turn the lost blob is; what a blob's head tells, each run finds.
   * @default none
   */
  readonly rotation?: Duration;
  readonly startJitter: Duration;
  readonly deadline: Duration;
  /** The rule's `for`. */
  readonly for: Duration;
  /**
   * From the walk's end to the Pushgateway.
   * @default 10s, the time that one try of a push is given
   */
  readonly push?: Duration;
  /**
   * Prometheus' scrape interval.
   * @default 1m, Prometheus' own default
   */
  readonly scrape?: Duration;
  /**
   * Prometheus' evaluation interval.
   * @default 1m, Prometheus' own default
   */
  readonly evaluation?: Duration;
}

export interface DetectionPart {
  readonly name:
    | "interval"
    | "rotation"
    | "startJitter"
    | "deadline"
    | "push"
    | "scrape"
    | "evaluation"
    | "for";
  readonly seconds: number;
}

export interface DetectionTime {
  /** In the order in which they pass. */
  readonly parts: readonly DetectionPart[];
  readonly total: Duration;
}

/**
 * The longest time from a loss until its alert fires: the loss comes just after the walk passed it, and every later
 * step takes as long as it may. Alertmanager's `group_wait` comes on top. It is of what a walk can see: with `blobs: head`
 * data lost behind a registry's cache is not found until that restarts, and no sum has a bound for it.
 */
export function worstCaseTimeToPage(input: DetectionInput): DetectionTime {
  const minute = Duration.minutes(1);
  const { rotation, push = Duration.seconds(10), scrape = minute, evaluation = minute } = input;
  const parts: readonly DetectionPart[] = [
    { name: "interval", seconds: input.interval.toSeconds() },
    ...(rotation === undefined ? [] : [{ name: "rotation" as const, seconds: rotation.toSeconds() }]),
    { name: "startJitter", seconds: input.startJitter.toSeconds() },
    { name: "deadline", seconds: input.deadline.toSeconds() },
    { name: "push", seconds: push.toSeconds() },
    { name: "scrape", seconds: scrape.toSeconds() },
    { name: "evaluation", seconds: evaluation.toSeconds() },
    { name: "for", seconds: roundUp(input.for.toSeconds(), evaluation.toSeconds()) },
  ];
  return { parts, total: Duration.seconds(parts.reduce((sum, part) => sum + part.seconds, 0)) };
}

/** The same for what Prometheus sees by itself, without the probe: nothing but scrape, evaluation and `for`. */
export function worstCaseScrapeToPage(
  input: Pick<DetectionInput, "for" | "scrape" | "evaluation">,
): DetectionTime {
  const none = Duration.seconds(0);
  const { parts, total } = worstCaseTimeToPage({
    ...input,
    interval: none,
    startJitter: none,
    deadline: none,
    push: none,
  });
  return { parts: parts.filter(({ name }) => ["scrape", "evaluation", "for"].includes(name)), total };
}

/** `39m10s = interval 15m + startJitter 1m + …`, without what takes no time. */
export function formatDetectionTime({ parts, total }: DetectionTime): string {
  const passing = parts.filter(({ seconds }) => seconds > 0);
  const sum = passing.map(({ name, seconds }) => `${name} ${formatSeconds(seconds)}`).join(" + ");
  return `${formatSeconds(total.toSeconds())} = ${sum}`;
}

function formatSeconds(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text = [
    hours > 0 ? `${hours}h` : "",
    minutes > 0 ? `${minutes}m` : "",
    rest > 0 ? `${rest}s` : "",
  ].join("");
  return text === "" ? "0s" : text;
}

/** A rule fires at an evaluation, not between two. */
function roundUp(seconds: number, stepSeconds: number): number {
  return stepSeconds === 0 ? seconds : Math.ceil(seconds / stepSeconds) * stepSeconds;
}
