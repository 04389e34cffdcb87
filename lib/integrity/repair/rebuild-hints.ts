import { isObject } from "../../oci/descriptor";
import { parseImageReference } from "../../oci/reference";
import type { RebuildHint } from "./repair-plan";

/** Which pipeline builds what is in a repository. */
export type RebuildHints = (repository: string) => readonly RebuildHint[];

/** Knows of no pipeline. */
export const NO_HINTS: RebuildHints = () => [];

/**
 * Reads `tallyman.catalog/1`; what it does not know of it, it passes over.
 *
 * @param registry `host` or `host:port` whose images are asked for
 * @returns null when the value is no catalogue
 */
export function parseRebuildHints(value: unknown, registry: string): RebuildHints | null {
  if (!isObject(value) || !Array.isArray(value.groups)) return null;
  const hints = new Map<string, RebuildHint[]>();
  for (const service of objectsOf(value.groups).flatMap((group) => objectsOf(group.services))) {
    if (typeof service.name !== "string" || !Array.isArray(service.images)) continue;
    const hint = { service: service.name, stack: text(service.stack), pipeline: text(service.pipeline) };
    for (const image of service.images as readonly unknown[]) {
      const repository = repositoryOf(image, registry);
      if (repository !== null) hints.set(repository, [...(hints.get(repository) ?? []), hint]);
    }
  }
  return (repository) => hints.get(repository) ?? [];
}

/** An image may be written in full, or by its repository alone. */
function repositoryOf(image: unknown, registry: string): string | null {
  if (typeof image !== "string") return null;
  const [first = ""] = image.split("/");
  const hasHost = image.includes("/") && (/[.:]/.test(first) || first === "localhost");
  const reference = parseImageReference(hasHost ? image : `${registry}/${image}`);
  return "problem" in reference || reference.registry !== registry ? null : reference.repository;
}

function objectsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isObject) : [];
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
