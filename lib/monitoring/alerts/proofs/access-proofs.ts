import type { Registry } from "../../registry";
import type { AlertContext } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import { boundary, ending, never, ours, type ProofCase, type Stretch } from "./proof-case";
import { proofLabels } from "./proof-labels";

const OTHER = "other.invalid";
const MORE = 5;

export function inaccessibleProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const { runMinutes: run } = context;
  const labels = proofLabels(context, registry);
  const accessible = (...stretches: readonly Stretch[]) => ours("catalog_accessible", labels, ...stretches);
  const down = forMinutes + MORE;
  const always: readonly ProofCase[] = [
    {
      name: "fires at the boundary of for, and ends with the first run that reads it",
      series: [accessible([run, 1], [down, 0], [MORE, 1])],
      expected: [...boundary(run, forMinutes), ...ending(run + down, 0)],
    },
    {
      name: "is silent while the catalogue is read, and when another registry's is not",
      series: [accessible([down, 1]), ours("catalog_accessible", { ...labels, instance: OTHER }, [down, 0])],
      expected: never(0, forMinutes, down - 1),
    },
    {
      name: "takes the worse of two groups of one registry",
      series: [
        accessible([down, 1]),
        ours("catalog_accessible", { ...labels, job: "predecessor" }, [down, 0]),
      ],
      expected: boundary(0, forMinutes),
    },
  ];
  if (forMinutes < run) return always;
  const once: ProofCase = {
    name: "is silent about one run that could not read it",
    series: [accessible([run, 1], [run, 0], [3 * run + down, 1])],
    expected: [{ minute: 2 * run - 1, state: "pending" }, ...never(2 * run, 3 * run, 5 * run)],
  };
  if (forMinutes >= 3 * run) return [...always, once];
  const flapping: ProofCase = {
    name: "fires for a catalogue that every second run cannot read",
    series: [accessible([run, 0], [run, 1], [run, 0], [run, 1], [run, 0], [run, 1])],
    expected: [...never(run), ...boundary(2 * run, forMinutes)],
  };
  return [...always, once, flapping];
}

export function refusedProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = proofLabels(context, registry);
  const refused = forMinutes + MORE;
  return [
    {
      name: "fires at the boundary of for, and ends with the first run that is let in",
      series: [
        ours("undetermined", { ...labels, reason: "unauthorized" }, [MORE, 0], [refused, 1], [MORE, 0]),
      ],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + refused, 0)],
    },
    {
      name: "is silent about other reasons and other registries",
      series: [
        ours("undetermined", { ...labels, reason: "timeout" }, [refused, 4]),
        ours("undetermined", { ...labels, instance: OTHER, reason: "unauthorized" }, [refused, 4]),
      ],
      expected: never(0, forMinutes, refused - 1),
    },
  ];
}

export function anonymousProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = proofLabels(context, registry);
  const exposed = forMinutes + MORE;
  return [
    {
      name: "fires at the boundary of for, and ends when credentials are asked for again",
      series: [ours("auth_enforced", labels, [MORE, 1], [exposed, 0], [MORE, 1])],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + exposed, 0)],
    },
    {
      name: "is silent where it could not be told, and about other registries",
      series: [ours("auth_enforced", { ...labels, instance: OTHER }, [exposed, 0])],
      expected: never(0, forMinutes, exposed - 1),
    },
  ];
}
