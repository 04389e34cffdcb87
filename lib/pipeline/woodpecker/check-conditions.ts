import type { Problem } from "../../core/problem";
import type { Names, Paths, StepCondition } from "./condition";

const WITH_FILES = ["push", "pull_request", "pull_request_closed", "pull_request_metadata"];

/** As the types have it, for whoever writes JavaScript or builds conditions by spreading; and what no type can say. */
export function checkConditions(when: readonly StepCondition[], path: string): readonly Problem[] {
  const empty: Problem = {
    path,
    rule: "not be empty",
    value: when,
    fix: "Leave it out, or write a condition.",
  };
  if (when.length === 0) return [empty];
  return when.flatMap((condition, index) => checkCondition(condition, `${path}[${index}]`));
}

function checkCondition(condition: StepCondition, path: string): readonly Problem[] {
  const { event, branch, path: paths, repo, ref, platform, instance } = condition;
  const events = event === undefined ? [] : [event].flat();
  const without = events.filter((one) => !WITH_FILES.includes(one));
  const named = {
    branch,
    repo,
    ref,
    platform,
    instance,
    cron: "cron" in condition ? condition.cron : undefined,
  };
  const problems: Problem[] = Object.entries(named).flatMap(([key, names]) =>
    names === undefined ? [] : checkNames(names, `${path}.${key}`),
  );
  if (Object.values(condition).every((value) => value === undefined)) {
    const fix = "Leave it out: it would hold always, and with it the whole list.";
    problems.push({ path, rule: "say something", value: condition, fix });
  }
  if (paths !== undefined && (event === undefined || without.length > 0)) {
    const fix =
      "Write a condition of its own for the other events, which have no changed files: they would pass.";
    const rule = "stand with push and pull request events alone";
    problems.push({ path: `${path}.path`, rule, value: event, fix });
  }
  if (branch !== undefined && events.some((one) => one === "tag")) {
    const fix = "Leave it out, as a tag has no branch; ref is what a tag is known by.";
    problems.push({ path: `${path}.branch`, rule: "not stand with the event tag", value: branch, fix });
  }
  return [...problems, ...(paths === undefined ? [] : checkPaths(paths, `${path}.path`))];
}

function checkPaths(paths: Paths, path: string): readonly Problem[] {
  const filter = "length" in paths ? { include: paths } : paths;
  const patterns = [...(filter.include ?? []), ...(filter.exclude ?? [])];
  if (patterns.length === 0) {
    const fix = "Write the files whose change starts it, as ci/**, or leave path out.";
    return [{ path, rule: "name a file", value: paths, fix }];
  }
  return patterns
    .filter((one) => one === "" || /^\.{0,2}\//.test(one))
    .map((value) => ({
      path,
      rule: "be relative to the repository's root",
      value,
      fix: "Write it without / or ./ before it: no changed file has one, so it would never match.",
    }));
}

function checkNames(names: Names, path: string): readonly Problem[] {
  const list =
    typeof names === "string"
      ? [names]
      : "length" in names
        ? names
        : [...(names.include ?? []), ...(names.exclude ?? [])];
  if (list.length > 0 && list.every((one) => one !== "")) return [];
  return [
    { path, rule: "have a name or a pattern", value: names, fix: "Leave it out where anything will do." },
  ];
}
