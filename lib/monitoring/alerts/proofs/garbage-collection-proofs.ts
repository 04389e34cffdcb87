import type { Duration } from "../../../core/duration";
import type { Registry } from "../../registry";
import type { AlertContext } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import { boundary, ending, never, ours, type ProofCase, theirs } from "./proof-case";
import { proofLabels } from "./proof-labels";

const OTHER = "other.invalid";
const MORE = 5;

export function overdueProof(
  instance: string,
  maxAgeSeconds: number,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const long = forMinutes + MORE;
  const all = MORE + 1 + long;
  return [
    {
      name: "fires when the last collection is too old, and ends with the next",
      series: [theirs("collectionSuccess", { instance }, [all, MORE * 60 - maxAgeSeconds], [MORE, 1e8])],
      expected: [...boundary(MORE + 1, forMinutes), ...ending(all, 0)],
    },
    {
      name: "fires when none was ever reported, whatever another registry's host reports",
      series: [theirs("collectionSuccess", { instance: OTHER }, [long, 0])],
      expected: boundary(0, forMinutes),
    },
  ];
}

export function failedProof(instance: string, { forMinutes }: ProofTimes): readonly ProofCase[] {
  const long = forMinutes + MORE;
  return [
    {
      name: "fires for a collection that failed, and ends with one that did not",
      series: [theirs("collectionExitCode", { instance }, [MORE, 0], [long, 1], [MORE, 0])],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "is silent about another registry's",
      series: [theirs("collectionExitCode", { instance: OTHER }, [long, 1])],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}

export function orphanedProof(
  context: AlertContext,
  registry: Registry,
  window: Duration,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const { runMinutes: run } = context;
  const { instance } = registry;
  const labels = proofLabels(context, registry);
  const long = forMinutes + MORE;
  const seconds = window.toSeconds();
  return [
    {
      name: "fires for what a scan of the disk found, and ends with the repair",
      series: [theirs("orphanedImages", { instance }, [MORE, 0], [long, 1], [MORE, 0])],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "fires when damage rose after a collection, while that is recent",
      series: [
        theirs("collectionSuccess", { instance }, [run + long, (run + forMinutes + 1) * 60 - seconds]),
        ours("failures", labels, [run, 1], [long, 2]),
      ],
      expected: [...never(run - 1), ...boundary(run, forMinutes), ...ending(run + forMinutes + 1, 0)],
    },
    {
      name: "is silent about damage that was there before, and after a collection of long ago",
      series: [
        theirs("collectionSuccess", { instance }, [MORE + long, MORE * 60 - seconds]),
        ours("failures", labels, [MORE, 1], [long, 2]),
        theirs("orphanedImages", { instance: OTHER }, [MORE + long, 3]),
      ],
      expected: never(0, MORE, MORE + forMinutes, MORE + long - 1),
    },
    {
      name: "is silent about damage that did not rise",
      series: [theirs("collectionSuccess", { instance }, [long, 0]), ours("failures", labels, [long, 2])],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}
