import type { ImagePin } from "../../core/image-pin";

/** Which configuration format a registry reads: that of 2.8 or that of 3.x. */
export type RegistryMajor = 2 | 3;

/**
 * By the pin's tag, a digest beside it or not: `registry:2.8.3@sha256:…` is 2. Null for a pin by digest alone, a tag
 * that is no version, and a major version whose format is not known here.
 */
export function registryMajor(image: ImagePin): RegistryMajor | null {
  const major = /^v?([0-9]+)(?:[._-]|$)/.exec(image.tag ?? "")?.[1];
  if (major === "2") return 2;
  return major === "3" ? 3 : null;
}

/** Inside the container, where the image's own command reads it. */
export function configPathInContainer(major: RegistryMajor): string {
  return major === 2 ? "/etc/docker/registry/config.yml" : "/etc/distribution/config.yml";
}
