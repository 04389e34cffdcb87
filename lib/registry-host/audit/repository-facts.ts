import { type YamlNode, yamlGet, yamlText } from "../../text/yaml-tree";
import { type ForeignService, readComposeServices } from "../documents/compose-document";
import { type ForeignDistributionConfig, readDistributionConfig } from "../documents/distribution-document";
import { type ImageName, isRegistryImage, readImageName, registryMajorOf } from "../documents/image-name";
import type { Place } from "./audit-finding";
import type { Material, Origin } from "./material";

export interface ComposeFacts {
  readonly origin: Origin;
  readonly services: readonly ForeignService[];
  /** One of the services is a registry. */
  readonly isRegistryHost: boolean;
}

export interface DistributionFacts {
  readonly origin: Origin;
  readonly config: ForeignDistributionConfig;
}

/** An image that Kubernetes or Terraform runs. */
export interface DeployedImage {
  readonly place: Place;
  readonly image: ImageName;
}

/** What the rules ask of the repository as a whole. */
export interface RepositoryFacts {
  readonly material: Material;
  readonly composes: readonly ComposeFacts[];
  readonly distributions: readonly DistributionFacts[];
  readonly images: readonly DeployedImage[];
  /** Of every registry image that is named: 2 where any is or may be older than 3, null where nothing is known. */
  readonly registryMajor: 2 | 3 | null;
}

export function repositoryFacts(material: Material): RepositoryFacts {
  const composes = material.yaml.flatMap(({ origin, tree }): ComposeFacts[] => {
    const services = readComposeServices(tree);
    if (services === null) return [];
    const isRegistryHost = services.some(({ image }) => image !== null && isRegistryImage(image));
    return [{ origin, services, isRegistryHost }];
  });
  const distributions = material.yaml.flatMap(({ origin, tree }): DistributionFacts[] => {
    const config = readDistributionConfig(tree);
    return config === null ? [] : [{ origin, config }];
  });
  const images = [...kubernetesImages(material), ...terraformImages(material)];
  const registries = [
    ...composes.flatMap(({ services }) => services.flatMap(({ image }) => image ?? [])),
    ...images.map(({ image }) => image),
  ].filter(isRegistryImage);
  const majors = registries.map(registryMajorOf);
  const major = majors.includes(2) ? 2 : majors.length > 0 && majors.every((each) => each === 3) ? 3 : null;
  return { material, composes, distributions, images, registryMajor: major };
}

function kubernetesImages({ yaml }: Material): readonly DeployedImage[] {
  return yaml.flatMap(({ origin, tree }) => {
    const isManifest = yamlGet(tree, "apiVersion") !== null && yamlGet(tree, "kind") !== null;
    if (!isManifest) return [];
    return imagesBelow(tree).flatMap(({ text, line }) => {
      const image = readImageName(text);
      return image === null ? [] : [{ place: { file: origin.file, line: line + origin.lineOffset }, image }];
    });
  });
}

function imagesBelow(node: YamlNode): readonly { readonly text: string; readonly line: number }[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.flatMap(imagesBelow);
  return node.entries.flatMap(({ key, value }) => {
    const text = key === "image" ? yamlText(value) : null;
    return text === null ? imagesBelow(value) : [{ text, line: value.line }];
  });
}

function terraformImages({ hcl }: Material): readonly DeployedImage[] {
  return hcl.flatMap(({ origin, strings }) =>
    strings.flatMap(({ attribute, text, line }) => {
      const image = attribute === "image" ? readImageName(text) : null;
      return image === null ? [] : [{ place: { file: origin.file, line: line + origin.lineOffset }, image }];
    }),
  );
}

/** The place of a line of an embedded document. */
export function placeIn(origin: Origin, line: number): Place {
  return { file: origin.file, line: line + origin.lineOffset };
}

/**
 * The one document that a mount of that host path means: written to that very path, or beside the compose file, or
 * of that base name; null where none or several fit.
 */
export function mountedDocument<T extends { readonly origin: Origin }>(
  documents: readonly T[],
  compose: Origin,
  source: string,
): T | null {
  const base = baseName(source);
  const folder = compose.file.slice(0, compose.file.lastIndexOf("/") + 1);
  const exact = documents.filter(({ origin }) => origin.name === source);
  const beside = documents.filter(({ origin }) => origin.name === `${folder}${base}`);
  const named = documents.filter(({ origin }) => baseName(origin.name) === base);
  const [fit] = [exact, beside, named].filter((each) => each.length > 0);
  return fit?.length === 1 ? (fit[0] ?? null) : null;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.(tpl|tftpl|tmpl|j2)$/, "");
}
