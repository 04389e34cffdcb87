import { LABEL_REGISTRY, REGISTRY_JOB } from "../../scrape/scrape-jobs";
import type { ProofTimes } from "../alert-definition";
import { boundary, counting, ending, never, type ProofCase, type Stretch, theirs } from "./proof-case";

const OTHER = "other.invalid";
const MORE = 5;

export function downProof(name: string, { forMinutes }: ProofTimes): readonly ProofCase[] {
  const labels = { job: REGISTRY_JOB, [LABEL_REGISTRY]: name };
  const up = (...values: readonly Stretch[]) =>
    theirs("up", { ...labels, instance: "10.0.0.1:5001" }, ...values);
  const long = forMinutes + MORE;
  return [
    {
      name: "fires when it is down, at the boundary of for, and ends when it is back",
      series: [up([MORE, 1], [long, 0], [MORE, 1])],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "fires when nobody scrapes it, whatever another answers",
      series: [theirs("up", { ...labels, registry: OTHER }, [long, 1])],
      expected: boundary(0, forMinutes),
    },
    {
      name: "is silent about another registry that is down",
      series: [up([long, 1]), theirs("up", { ...labels, registry: OTHER }, [long, 0])],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}

export function hitRateProof(name: string, { forMinutes }: ProofTimes): readonly ProofCase[] {
  const labels = { job: REGISTRY_JOB, [LABEL_REGISTRY]: name };
  const long = forMinutes + MORE;
  const lookups = (misses: number) => [
    counting("cacheTotal", { ...labels, type: "Request" }, 100, long),
    counting("cacheTotal", { ...labels, type: "Miss" }, misses, long),
  ];
  return [
    {
      // A rate needs two samples: it is there from minute 1 on.
      name: "fires below a quarter, at the boundary of for",
      series: lookups(76),
      expected: boundary(1, forMinutes),
    },
    {
      name: "is silent at a quarter",
      series: lookups(75),
      expected: never(1, 1 + forMinutes, long),
    },
    {
      name: "fires where nothing was ever a hit",
      series: lookups(100),
      expected: boundary(1, forMinutes),
    },
    {
      name: "is silent where nothing is looked up",
      series: [
        theirs("cacheTotal", { ...labels, type: "Request" }, [long, 5]),
        theirs("cacheTotal", { ...labels, type: "Miss" }, [long, 5]),
      ],
      expected: never(1, 1 + forMinutes, long - 1),
    },
  ];
}

/** As LONGEST_MAINTENANCE_MINUTES. */
const LIMIT = 240;

export function maintenanceProof(instance: string, { forMinutes }: ProofTimes): readonly ProofCase[] {
  const flag = (...values: readonly Stretch[]) => theirs("maintenance", { instance }, ...values);
  const long = forMinutes + MORE;
  return [
    {
      name: "fires while the host says so, and ends when it no longer does",
      series: [flag([MORE, 0], [long, 1], [MORE, 0])],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "ends by itself where nobody ended the maintenance",
      series: [flag([MORE, 0], [LIMIT + 2 * MORE, 1])],
      expected: [...ending(MORE + LIMIT - 1, 0), ...never(LIMIT + 2 * MORE)],
    },
    {
      name: "is silent about another's",
      series: [theirs("maintenance", { instance: OTHER }, [long, 1])],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}
