import type { Registry } from "../../registry";
import { type AlertContext, imageNames } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import { boundary, ending, never, ours, type ProofCase, type Stretch, theirs } from "./proof-case";
import { firstShard, proofLabels } from "./proof-labels";

const OTHER = "other.invalid";
/** Enough to see the alert stand. */
const MORE = 5;

export function failureProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes, keepMinutes }: ProofTimes,
): readonly ProofCase[] {
  const { runMinutes: run } = context;
  const labels = proofLabels(context, registry);
  const failures = (...stretches: readonly Stretch[]) => ours("failures", labels, ...stretches);
  const lost = forMinutes + MORE;
  const always: readonly ProofCase[] = [
    {
      name: "fires at the boundary of for, and ends two runs after the repair",
      series: [failures([run, 0], [lost, 3], [keepMinutes + MORE, 0])],
      expected: [...boundary(run, forMinutes), ...ending(run + lost, keepMinutes)],
    },
    {
      name: "is silent while nothing is broken",
      series: [failures([lost, 0])],
      expected: never(0, forMinutes, lost - 1),
    },
    {
      name: "is silent about another registry's loss",
      series: [failures([lost, 0]), ours("failures", { ...labels, instance: OTHER }, [lost, 7])],
      expected: never(forMinutes, lost - 1),
    },
    {
      name: "takes the worse of two groups of one registry",
      series: [failures([lost, 0]), ours("failures", { ...labels, job: "predecessor" }, [lost, 5])],
      expected: boundary(0, forMinutes),
    },
    {
      name: "is not ended by a run that could not look",
      series: [failures([run, 1], [run, null], [lost, 1])],
      expected: boundary(0, forMinutes),
    },
  ];
  // A `for` of less than a run, which an override may ask for, pages for one finding.
  if (forMinutes < run) return always;
  const once: ProofCase = {
    name: "is silent about a finding of one run alone",
    series: [failures([run, 0], [run, 2], [3 * run + lost, 0])],
    expected: [{ minute: 2 * run - 1, state: "pending" }, ...never(2 * run + 1, 3 * run, 5 * run)],
  };
  if (forMinutes >= 3 * run) return [...always, once];
  const flapping: ProofCase = {
    name: "fires for damage that every second run finds",
    series: [failures([run, 1], [run, 0], [run, 1], [run, 0], [run, 1], [run, 0])],
    expected: [...never(run), ...boundary(2 * run, forMinutes)],
  };
  return [...always, once, flapping];
}

export function deployedProof(
  context: AlertContext,
  registry: Registry,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const { instance } = registry;
  const labels = proofLabels(context, registry);
  const lost = forMinutes + MORE;
  const broken = (...stretches: readonly Stretch[]) =>
    ours("broken_reference", { ...labels, image: `${instance}/app:1` }, ...stretches);
  const used = imageNames(context, registry).flatMap((name) => [
    {
      name: `fires for an image that is pulled as ${name}, at the boundary of for`,
      series: [
        broken([MORE, null], [lost, 1], [MORE, null]),
        theirs("podContainerInfo", { image: `${name}/app:1`, job: "ksm" }, [MORE + lost + MORE, 1]),
      ],
      expected: [...boundary(MORE, forMinutes), ...never(MORE + lost)],
    },
    {
      name: `fires for one that is pinned by digest as ${name}, of which the runtime knows the digest alone`,
      series: [
        broken([lost, 1]),
        theirs("podContainerInfo", { image: "sha256:1", image_spec: `${name}/app:1@sha256:1` }, [lost, 1]),
      ],
      expected: boundary(0, forMinutes),
    },
    {
      name: `is silent about other images that are pulled as ${name}`,
      series: [
        broken([lost, 1]),
        theirs("podContainerInfo", { image: `${name}/app:2`, image_spec: `${name}/app` }, [lost, 1]),
        theirs("podContainerInfo", { image: `${name}.invalid/app:1` }, [lost, 1]),
      ],
      expected: never(forMinutes, lost - 1),
    },
    {
      name: `fires for a pod of ${name} that has ended meanwhile`,
      series: [
        broken([MORE, null], [lost, 1]),
        theirs("podContainerInfo", { image: `${name}/app:1` }, [1, 1], [MORE + lost, null]),
      ],
      expected: boundary(MORE, forMinutes),
    },
  ]);
  return [
    ...used,
    {
      name: "is silent about what no pod uses, and about what is no longer broken",
      series: [
        broken([lost, 1]),
        ours("broken_reference", { instance, ...firstShard(context, registry), image: `${instance}/app:3` }, [
          lost,
          0,
        ]),
        theirs("podContainerInfo", { image: `${instance}/app:3` }, [lost, 1]),
      ],
      expected: never(forMinutes, lost - 1),
    },
  ];
}
