import { ImagePin } from "../core/image-pin";
import { checkCronJobName, checkLabelName, checkLabels } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { checkOwnLabels } from "../terraform/labels";
import { checkEgress } from "./check-egress";
import { checkRegistry } from "./check-registry";
import { checkRun } from "./check-run";
import { checkServiceName } from "./exporter/check-exporter";
import { checkLiteral, type IsToken, literalEntries } from "./literal";
import { DEFAULT_PROBE_NAME, type ProbeOptions } from "./probe-spec";

/** Everything wrong with a probe, to be shown together. */
export function checkProbe(options: ProbeOptions, isToken: IsToken): readonly Problem[] {
  const { namespace, registries, run, name = DEFAULT_PROBE_NAME } = options;
  return [
    ...(isToken(namespace) ? [] : checkLabelName(namespace, "namespace")),
    ...checkLiteral(name, "name", isToken, run.kind === "cronJob" ? checkCronJobName : checkServiceName),
    ...(typeof options.image === "string"
      ? checkLiteral(options.image, "image", isToken, ImagePin.check)
      : []),
    ...(registries.length > 0 ? [] : [NO_REGISTRY]),
    ...registries.flatMap((registry, at) => checkRegistry(registry, `registries[${at}]`, isToken)),
    ...checkDistinct(options),
    ...checkRun(run, "run", isToken, registries.length),
    ...(options.egress ?? []).flatMap((rule, at) => checkEgress(rule, `egress[${at}]`)),
    ...checkMetadata(options, isToken),
  ];
}

const NO_REGISTRY: Problem = {
  path: "registries",
  rule: "name at least one registry",
  value: [],
  fix: 'Write [Registry.at("registry.example.com:5050")].',
};

/** The instance is the key of a registry's series, the key that of its container. */
function checkDistinct(options: ProbeOptions): readonly Problem[] {
  return options.registries.flatMap((registry, at) => {
    const twin = options.registries.findIndex((other) => other.key === registry.key);
    if (twin === at) return [];
    return [
      {
        path: `registries[${at}].instance`,
        rule: `differ from that of registries[${twin}] in a letter or digit`,
        value: registry.instance,
        fix: "Give one of the two an instance of its own.",
      },
    ];
  });
}

function checkMetadata(options: ProbeOptions, isToken: IsToken): readonly Problem[] {
  const { labels = {}, annotations = {} } = options;
  return [
    ...checkLabels(literalEntries(labels, isToken), "labels"),
    ...checkOwnLabels(labels, "labels"),
    ...checkLabels(literalEntries(annotations, isToken), "annotations", false),
  ];
}
