import { ImagePin } from "../core/image-pin";
import { checkLabelName, checkLabels } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { checkOwnLabels } from "../terraform/labels";
import type { CatalogDocument } from "./catalog-document";

/** What of a ServiceCatalog's props can be wrong by itself. */
export interface ServiceCatalogValues {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly image: string | null;
  readonly replicas: number;
  /** Whether anything of it stands in a cluster. */
  readonly isInCluster: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runbooks: readonly CatalogDocument[];
  readonly postMortems: readonly CatalogDocument[];
}

/** A ConfigMap holds 1 MiB at most, its names and labels included. */
const MAX_DATA_BYTES = 1_000_000;

/** @param isToken whether a text holds a value that only Terraform knows */
export function checkServiceCatalog(
  values: ServiceCatalogValues,
  isToken: (text: string) => boolean,
): readonly Problem[] {
  const { namespace, name, image, replicas, isInCluster, labels, annotations } = values;
  const literal = (map: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(map).filter(([key, value]) => !isToken(key) && !isToken(value)));
  return [
    ...(isInCluster && namespace === undefined ? [NO_NAMESPACE] : []),
    ...(namespace === undefined || isToken(namespace) ? [] : checkLabelName(namespace, "namespace")),
    ...(isToken(name) ? [LITERAL_NAME] : checkLabelName(name, "name")),
    ...(image === null || isToken(image) ? [] : ImagePin.check(image, "site.image")),
    ...(Number.isInteger(replicas) && replicas >= 0 ? [] : [notReplicas(replicas)]),
    ...checkLabels(literal(labels), "labels"),
    ...checkOwnLabels(labels, "labels"),
    ...checkLabels(literal(annotations), "annotations", false),
    ...checkFiles(values.runbooks, "runbooks"),
    ...checkFiles(values.postMortems, "postMortems"),
  ];
}

/** Everything that a ConfigMap would carry, in bytes of UTF-8. */
export function checkDataSize(files: Readonly<Record<string, string>>): readonly Problem[] {
  const sizes = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= MAX_DATA_BYTES) return [];
  const largest = sizes.reduce((most, one) => (one.bytes > most.bytes ? one : most));
  return [
    {
      path: "catalog",
      rule: `fit into a ConfigMap: ${MAX_DATA_BYTES} bytes in all`,
      value: total,
      fix: `The largest part is ${largest.name} with ${largest.bytes}. Serve the site from elsewhere (site: false), or give fewer runbooks.`,
    },
  ];
}

const NO_NAMESPACE: Problem = {
  path: "namespace",
  rule: "be given with a site or a ConfigMap",
  value: undefined,
  fix: "Name the namespace; or leave out the site, and set configMap to false.",
};

const LITERAL_NAME: Problem = {
  path: "name",
  rule: "be literal",
  value: "an unresolved token",
  fix: "Write the text itself: it must be known when the stack is synthesized.",
};

function notReplicas(value: number): Problem {
  return { path: "site.replicas", rule: "be a whole number from 0", value, fix: "Write 1." };
}

/** They are written by their names alone, so that links between them stay. */
function checkFiles(documents: readonly CatalogDocument[], path: string): readonly Problem[] {
  const names = documents.map(({ file }) => baseName(file));
  return names.flatMap((name, at) => {
    const value = documents[at]?.file;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
      const fix = "Use letters, digits, . _ and - in the file's name.";
      return [{ path: `${path}[${at}].file`, rule: "end in a file's name", value, fix }];
    }
    if (names.indexOf(name) === at) return [];
    const rule = `have another name than ${path}[${names.indexOf(name)}]`;
    return [{ path: `${path}[${at}].file`, rule, value, fix: "Rename one of the two." }];
  });
}

/** The last part of a path. */
export function baseName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}
