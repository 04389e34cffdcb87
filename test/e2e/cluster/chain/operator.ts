/**
 * What the Prometheus Operator makes of its objects, in the part that is used here. What it does not know it refuses:
 * a field left out in silence would prove nothing.
 * https://prometheus-operator.dev/docs/api-reference/api/
 */
import { isObject, type JsonObject } from "../../../../lib/oci/descriptor";
import { renderYaml, type YamlValue } from "../../../../lib/text/yaml";
import { listAt, numberAt, objectAt, requireText, textAt, textMapAt, textsAt, valueAt } from "../json";

/** The rule file of a PrometheusRule. */
export function ruleFileOf(rule: unknown): string {
  return renderYaml({ groups: toYaml(valueAt(rule, "spec", "groups")) });
}

/**
 * One scrape configuration for each endpoint of a ServiceMonitor, with the targets that Endpoints would have: an
 * EndpointSlice refuses addresses of loopback, so the Service's selector is followed here.
 *
 * @param services of all namespaces
 * @param pods of all namespaces, not ready ones too
 */
export function scrapeConfigsOf(
  monitor: JsonObject,
  services: readonly JsonObject[],
  pods: readonly JsonObject[],
): readonly YamlValue[] {
  onlyKeys(objectAt(monitor, "spec"), ["selector", "namespaceSelector", "endpoints"]);
  onlyKeys(objectAt(monitor, "spec", "selector"), ["matchLabels"]);
  const namespaces = textsAt(monitor, "spec", "namespaceSelector", "matchNames");
  const labels = textMapAt(monitor, "spec", "selector", "matchLabels");
  const selected = services.filter(
    (one) => namespaces.includes(namespaceOf(one)) && matches(textMapAt(one, "metadata", "labels"), labels),
  );
  return listAt(monitor, "spec", "endpoints").map((endpoint, at) => {
    onlyKeys(objectAt(endpoint), ["port", "path", "honorLabels"]);
    const port = requireText(endpoint, "port");
    const targets = selected.flatMap((service) => targetsOf(service, port, pods));
    if (targets.length === 0) throw new Error(`nothing stands behind the port ${port} of the ServiceMonitor`);
    return {
      job_name: `serviceMonitor/${namespaceOf(monitor)}/${nameOf(monitor)}/${at}`,
      metrics_path: textAt(endpoint, "path") ?? "/metrics",
      honor_labels: valueAt(endpoint, "honorLabels") === true,
      static_configs: targets,
    };
  });
}

function targetsOf(service: JsonObject, portName: string, pods: readonly JsonObject[]) {
  const port = listAt(service, "spec", "ports").find((one) => textAt(one, "name") === portName);
  // Written as text a number is one too, but not as a name: Terraform's provider sends a number.
  const number = numberAt(port, "targetPort");
  if (number === null) return [];
  const selector = textMapAt(service, "spec", "selector");
  const takesUnready = valueAt(service, "spec", "publishNotReadyAddresses") === true;
  return pods
    .filter((pod) => namespaceOf(pod) === namespaceOf(service))
    .filter((pod) => matches(textMapAt(pod, "metadata", "labels"), selector))
    .filter((pod) => takesUnready || isReady(pod))
    .flatMap((pod) => {
      const ip = textAt(pod, "status", "podIP");
      if (ip === null || textAt(pod, "metadata", "deletionTimestamp") !== null) return [];
      // As the operator's relabelling names them.
      const labels = {
        job: nameOf(service),
        namespace: namespaceOf(service),
        service: nameOf(service),
        pod: nameOf(pod),
        endpoint: portName,
      };
      return [{ targets: [`${ip}:${number}`], labels }];
    });
}

function isReady(pod: JsonObject): boolean {
  return listAt(pod, "status", "conditions").some(
    (one) => textAt(one, "type") === "Ready" && textAt(one, "status") === "True",
  );
}

function matches(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([name, value]) => labels[name] === value);
}

function onlyKeys(object: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`not translated: ${unknown.join(", ")}`);
}

function nameOf(object: JsonObject): string {
  return requireText(object, "metadata", "name");
}

function namespaceOf(object: JsonObject): string {
  return requireText(object, "metadata", "namespace");
}

function toYaml(value: unknown): YamlValue {
  if (Array.isArray(value)) return value.map(toYaml);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toYaml(one)]));
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value as YamlValue;
  throw new Error("JSON holds nothing else");
}
