import { ImagePin } from "../core/image-pin";
import type { Problem } from "../core/problem";
import { checkRegistries } from "./check-registries";
import { checkAllowed, checkDistinctPorts, checkHostPath, checkIp, checkPort } from "./check-values";
import { type RegistryMajor, registryMajor } from "./distribution/registry-version";
import type { FrontOptions, MetricsOptions, RegistryHostOptions, UiOptions } from "./host-spec";
import { checkMaintenance } from "./maintenance/check-maintenance";

/** More than any disk of such a host; a number beyond it is bytes written for gigabytes. */
const MAX_BLOB_CACHE_GIGABYTES = 100_000;
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const UNIT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}\.service$/;

/** All that is wrong with a host, together; where there is nothing, every renderer takes its spec. */
export function checkHost(options: RegistryHostOptions): readonly Problem[] {
  const { root, dataRoot, project, unit, textfileDirectory, registries, front, metrics, ui } = options;
  return [
    ...checkHostPath(root, "root"),
    ...(dataRoot === undefined ? [] : checkDataRoot(dataRoot, root)),
    ...(textfileDirectory === undefined ? [] : checkHostPath(textfileDirectory, "textfileDirectory")),
    ...(project === undefined || PROJECT.test(project) ? [] : [projectProblem(project)]),
    ...(unit === undefined || UNIT.test(unit) ? [] : [unitProblem(unit)]),
    ...checkPin(options.image, "image"),
    ...checkVersion(options.image),
    ...checkRegistries(registries, majorOf(options.image)),
    ...(front === undefined ? [] : checkFront(front)),
    ...(metrics === undefined ? [] : checkMetrics(metrics)),
    ...(ui === undefined ? [] : checkUi(ui, options)),
    ...checkMaintenance(options),
    ...checkDistinctPorts([
      ...Object.entries(registries).map(([name, { port }]) => ({ path: `registries.${name}.port`, port })),
      { path: "metrics.port", port: metrics?.port ?? 5001 },
      ...(ui === undefined ? [] : [{ path: "ui.port", port: ui.port }]),
    ]),
  ];
}

function checkDataRoot(dataRoot: string, root: string): readonly Problem[] {
  const taken = ["", "/releases", "/current", "/incoming"].map((part) => `${root}${part}`);
  const isTaken = taken.some((folder) => dataRoot === folder) || dataRoot.startsWith(`${root}/releases/`);
  const fix = `Write ${root}/data, or a folder elsewhere.`;
  return [
    ...checkHostPath(dataRoot, "dataRoot"),
    ...(isTaken ? [{ path: "dataRoot", rule: "be apart from the releases", value: dataRoot, fix }] : []),
  ];
}

function projectProblem(value: string): Problem {
  const fix = "Use a-z, 0-9, _ and -, beginning with a letter or digit.";
  return { path: "project", rule: "be a Compose project name", value, fix };
}

function unitProblem(value: string): Problem {
  const fix = "Write it as docker-compose-registry.service.";
  return { path: "unit", rule: "be the name of a systemd service", value, fix };
}

function checkPin(image: ImagePin | string, path: string): readonly Problem[] {
  return typeof image === "string" ? ImagePin.check(image, path) : [];
}

function checkVersion(image: ImagePin | string): readonly Problem[] {
  if (checkPin(image, "image").length > 0 || majorOf(image) !== null) return [];
  const fix = "Keep the version beside the digest, as registry:2.8.3@sha256:<hex>.";
  return [{ path: "image", rule: "tell a version of 2 or 3, whose formats differ", value: `${image}`, fix }];
}

function majorOf(image: ImagePin | string): RegistryMajor | null {
  if (checkPin(image, "image").length > 0) return null;
  return registryMajor(typeof image === "string" ? ImagePin.of(image) : image);
}

function checkFront({ image, resolver, blobCache }: FrontOptions): readonly Problem[] {
  const { maxGigabytes, validFor } = blobCache ?? {};
  const problems: Problem[] = [];
  if (maxGigabytes !== undefined && !(maxGigabytes >= 1 && maxGigabytes <= MAX_BLOB_CACHE_GIGABYTES)) {
    problems.push({
      path: "front.blobCache.maxGigabytes",
      rule: `be from 1 to ${MAX_BLOB_CACHE_GIGABYTES}`,
      value: Number.isFinite(maxGigabytes) ? maxGigabytes : `${maxGigabytes}`,
      fix: "Write a number such as 50.",
    });
  }
  if (validFor !== undefined && validFor.toMilliseconds() < 60_000) {
    const fix = "Write Duration.hours(24).";
    problems.push({ path: "front.blobCache.validFor", rule: "be a minute or more", value: validFor, fix });
  }
  return [
    ...(image === undefined ? [] : checkPin(image, "front.image")),
    ...(resolver === undefined ? [] : checkIp(resolver.address, "front.resolver.address")),
    ...(resolver?.port === undefined ? [] : checkPort(resolver.port, "front.resolver.port")),
    ...problems,
  ];
}

function checkMetrics({ port, allow }: MetricsOptions): readonly Problem[] {
  const fix = "Name the address that scrapes, or leave it out for the private ranges.";
  return [
    ...(port === undefined ? [] : checkPort(port, "metrics.port")),
    ...(allow?.length === 0 ? [{ path: "metrics.allow", rule: "name who may read", value: allow, fix }] : []),
    ...(allow ?? []).flatMap((one, i) => checkAllowed(one, `metrics.allow[${i}]`)),
  ];
}

function checkUi(ui: UiOptions, { registries }: RegistryHostOptions): readonly Problem[] {
  const { image, registry, port, canDelete, htpasswdFile } = ui;
  const problems: Problem[] = [];
  const shown = Object.hasOwn(registries, registry) ? registries[registry] : undefined;
  if (shown === undefined) {
    const fix = `Name one of ${Object.keys(registries).join(", ")}.`;
    problems.push({ path: "ui.registry", rule: "be a registry of the host", value: registry, fix });
  }
  if (canDelete === true && htpasswdFile === undefined) {
    const fix = "Give ui.htpasswdFile, or leave canDelete out.";
    problems.push({ path: "ui.canDelete", rule: "not be without a password", value: canDelete, fix });
  }
  if (shown?.kind === "private" && htpasswdFile !== undefined && htpasswdFile !== shown.htpasswdFile) {
    // The browser has one password for an origin: the page's and the registry's are asked for on the same one.
    const fix = `Write ${shown.htpasswdFile}, or leave it out: the registry asks by itself.`;
    const rule = "be the file of the registry that is shown";
    problems.push({ path: "ui.htpasswdFile", rule, value: htpasswdFile, fix });
  }
  return [
    ...problems,
    ...checkPort(port, "ui.port"),
    ...(image === undefined ? [] : checkPin(image, "ui.image")),
    ...(htpasswdFile === undefined ? [] : checkHostPath(htpasswdFile, "ui.htpasswdFile")),
  ];
}
