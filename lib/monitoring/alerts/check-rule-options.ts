import type { Problem } from "../../core/problem";
import { checkLiteral, type IsToken } from "../literal";
import type { ProbeSpec } from "../probe-spec";
import { checkOverrides, checkRuleLabelName, checkRuleSetName } from "./overrides";
import type { RuleSetOptions } from "./rule-set-options";

/** Everything wrong with what the rules are made from. */
export function checkRuleOptions(
  options: RuleSetOptions,
  spec: Pick<ProbeSpec, "registries">,
  isToken: IsToken,
): readonly Problem[] {
  const { overrides = {} } = options;
  return [
    ...checkBaseUrl(options.runbookBaseUrl, isToken),
    ...checkRuleLabels(options.ruleLabels ?? {}, "ruleLabels", isToken),
    ...(options.ruleSet === undefined ? [] : checkRuleSetName(options.ruleSet)),
    ...checkOverrides(overrides),
    ...Object.entries(overrides).flatMap(([alert, override]) =>
      checkValues(override?.labels ?? {}, `overrides.${alert}.labels`, isToken),
    ),
    ...checkServices(options, isToken),
    ...checkJob(options, isToken),
    ...checkImageNames(options, spec, isToken),
  ];
}

function checkBaseUrl(url: string, isToken: IsToken): readonly Problem[] {
  if (isToken(url)) return [];
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isPlain =
    parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === "" && parsed.password === "";
  if (isPlain && parsed.search === "" && parsed.hash === "") return [];
  const value = url.replace(/\/\/.*@/, "//…@");
  const fix =
    "Write what stands before /docs/runbooks/, as https://github.com/<owner>/<repository>/blob/main.";
  return [{ path: "runbookBaseUrl", rule: "be a plain http or https URL", value, fix }];
}

function checkRuleLabels(
  labels: Readonly<Record<string, string>>,
  path: string,
  isToken: IsToken,
): readonly Problem[] {
  const names = Object.keys(labels).flatMap((name) => checkRuleLabelName(name, path));
  return names.length > 0 ? names : checkValues(labels, path, isToken);
}

function checkValues(
  labels: Readonly<Record<string, string>>,
  path: string,
  isToken: IsToken,
): readonly Problem[] {
  return Object.entries(labels).flatMap(([name, value]) =>
    checkText(value, `${path}[${JSON.stringify(name)}]`, isToken),
  );
}

/** Not every caller is typed, and the API takes no rule whose label is a number. */
function checkText(value: unknown, path: string, isToken: IsToken): readonly Problem[] {
  if (typeof value === "string") return checkLiteral(value, path, isToken, () => []);
  return [{ path, rule: "be text", value, fix: "Write it in quotes." }];
}

function checkServices({ services = {} }: RuleSetOptions, isToken: IsToken): readonly Problem[] {
  return Object.entries(services).flatMap(([name, { instance }]) => {
    const path = `services[${JSON.stringify(name)}]`;
    return [
      ...checkLiteral(name, path, isToken, checkNotEmpty),
      ...(instance === undefined ? [] : checkLiteral(instance, `${path}.instance`, isToken, checkNotEmpty)),
    ];
  });
}

function checkJob({ pushgateway }: RuleSetOptions, isToken: IsToken): readonly Problem[] {
  const job = typeof pushgateway === "object" ? pushgateway.job : undefined;
  return job === undefined ? [] : checkLiteral(job, "pushgateway.job", isToken, checkNotEmpty);
}

function checkImageNames(
  { inUse }: RuleSetOptions,
  { registries }: Pick<ProbeSpec, "registries">,
  isToken: IsToken,
): readonly Problem[] {
  const given = (typeof inUse === "object" ? inUse.imageNames : undefined) ?? {};
  return Object.entries(given).flatMap(([instance, names]) => {
    const path = `inUse.imageNames[${JSON.stringify(instance)}]`;
    const known = registries.map((registry) => registry.instance);
    if (!known.includes(instance)) {
      return [
        {
          path,
          rule: "be of a registry of the probe",
          value: instance,
          fix: `Known are ${known.join(", ")}.`,
        },
      ];
    }
    if (names.length === 0) {
      const fix = "Leave it out: the instance itself is the default.";
      return [{ path, rule: "name at least one", value: names, fix }];
    }
    return names.flatMap((name, at) => checkLiteral(name, `${path}[${at}]`, isToken, checkImageName));
  });
}

function checkNotEmpty(text: string, path: string): readonly Problem[] {
  if (text !== "") return [];
  return [{ path, rule: "not be empty", value: text, fix: "Write the label's value." }];
}

/** A host and maybe a path, as it stands before the repository's name. */
function checkImageName(name: string, path: string): readonly Problem[] {
  if (/^[A-Za-z0-9[][A-Za-z0-9.:_[\]/-]*$/.test(name) && !name.endsWith("/") && !name.includes("://"))
    return [];
  const fix = "Write what stands before the repository in an image's name, as registry.example.com.";
  return [{ path, rule: "be a host, with its port or path", value: name, fix }];
}
