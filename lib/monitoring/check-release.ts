import { checkLabelName } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { PROMETHEUS_CHART_VERSION } from "../core/versions";
import { checkLiteral, type IsToken } from "./literal";
import type { ChartValues } from "./release-values";

/** A release with every default filled in. */
export interface ReleaseToCheck {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly values: readonly ChartValues[];
}

const VERSION = /^[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** Helm's own limit: https://helm.sh/docs/chart_template_guide/getting_started/ */
const MAX_NAME_LENGTH = 53;

/** All that is wrong with a release, rules that would be lost without a word among it. */
export function checkRelease(release: ReleaseToCheck, isToken: IsToken): readonly Problem[] {
  return [
    ...(isToken(release.namespace) ? [] : checkLabelName(release.namespace, "namespace")),
    ...checkLiteral(release.name, "name", isToken, checkName),
    ...checkLiteral(release.version, "version", isToken, checkVersion),
    ...checkReplacedLists(release.values),
    ...checkOlderList(release.values),
  ];
}

function checkName(name: string, path: string): readonly Problem[] {
  if (name.length <= MAX_NAME_LENGTH) return checkLabelName(name, path);
  const fix = `Leave out ${name.length - MAX_NAME_LENGTH}.`;
  return [{ path, rule: `have at most ${MAX_NAME_LENGTH} characters`, value: name, fix }];
}

function checkVersion(version: string, path: string): readonly Problem[] {
  if (VERSION.test(version)) return [];
  const fix = `Write one such as ${PROMETHEUS_CHART_VERSION}: a range would upgrade Prometheus at some apply.`;
  return [{ path, rule: "be an exact version", value: version, fix }];
}

/** Helm merges maps and replaces lists: the groups or files of the earlier values would be gone. */
function checkReplacedLists(values: readonly ChartValues[]): readonly Problem[] {
  return values.flatMap((one, at) =>
    listsOf(one)
      .filter((path) => values.slice(at + 1).some((later) => listsOf(later).includes(path)))
      .map((path) => ({
        path: `values[${at}].${path}`,
        rule: "be given by one of the values alone, as Helm replaces lists",
        value: "a list that a later one replaces",
        fix: "Join the lists, or give one of them another key.",
      })),
  );
}

/** Paths of the lists whose loss nobody would notice. */
function listsOf(values: ChartValues): readonly string[] {
  const files = entries(values.serverFiles).map(
    ([key, file]) => [`serverFiles.${key}.groups`, file] as const,
  );
  const rules = entries(values.additionalPrometheusRulesMap).map(
    ([key, rule]) => [`additionalPrometheusRulesMap.${key}.groups`, rule] as const,
  );
  const groups = [...files, ...rules].filter(([, file]) =>
    entries(file).some(([key, list]) => key === "groups" && Array.isArray(list)),
  );
  const paths = groups.map(([path]) => path);
  return Array.isArray(values.scrapeConfigFiles) ? [...paths, "scrapeConfigFiles"] : paths;
}

/** kube-prometheus-stack reads the older list only where its map has no entry. */
function checkOlderList(values: readonly ChartValues[]): readonly Problem[] {
  const isMapped = values.some((one) => entries(one.additionalPrometheusRulesMap).length > 0);
  return values.flatMap(({ additionalPrometheusRules: list }, at) => {
    if (!isMapped || !Array.isArray(list) || list.length === 0) return [];
    const fix = "Move its entries into additionalPrometheusRulesMap, by their names.";
    const rule = "be empty where additionalPrometheusRulesMap has an entry, as the chart then ignores it";
    const value = `${list.length} of them`;
    return [{ path: `values[${at}].additionalPrometheusRules`, rule, value, fix }];
  });
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
