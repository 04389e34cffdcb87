import type { Registry } from "../../registry";
import type { AlertContext } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import { boundary, ending, never, type ProofCase, theirs } from "./proof-case";
import { proofLabels } from "./proof-labels";

const MORE = 5;

export function rejectedProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const { job, ...own } = proofLabels(context, registry);
  const labels = { job, ...own };
  const long = forMinutes + MORE;
  return [
    {
      name: "fires for a push that was refused, and ends with one that is taken",
      series: [
        theirs("pushTime", labels, [MORE + long, 600], [MORE, 900]),
        theirs("pushFailureTime", labels, [MORE, 0], [long + MORE, 601]),
      ],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "fires for a group that never took one",
      series: [theirs("pushTime", labels, [long, 0]), theirs("pushFailureTime", labels, [long, 1])],
      expected: boundary(0, forMinutes),
    },
    {
      name: "is silent about one that was refused before, and about another job's",
      series: [
        theirs("pushTime", labels, [long, 600]),
        theirs("pushFailureTime", labels, [long, 600]),
        theirs("pushTime", { ...labels, job: "other" }, [long, 0]),
        theirs("pushFailureTime", { ...labels, job: "other" }, [long, 600]),
      ],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}

export function gatewayDownProof(job: string, { forMinutes }: ProofTimes): readonly ProofCase[] {
  const long = forMinutes + MORE;
  const up = (...values: Parameters<typeof theirs>[2][]) =>
    theirs("up", { job, instance: "10.0.0.1:9091" }, ...values);
  return [
    {
      name: "fires when it is down, at the boundary of for, and ends when it is back",
      series: [up([MORE, 1], [long, 0], [MORE, 1])],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "fires when nobody scrapes it",
      series: [theirs("up", { job: "other" }, [long, 1])],
      expected: boundary(0, forMinutes),
    },
    {
      name: "is silent while one of two answers",
      series: [up([long, 1]), theirs("up", { job, instance: "10.0.0.2:9091" }, [long, 0])],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}
