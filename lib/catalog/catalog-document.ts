import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { headingAnchors } from "../text/markdown/heading-anchors";

/** A runbook or a post-mortem as it was read. */
export interface CatalogDocument {
  /** From the repository's root, with / between its parts. */
  readonly file: string;
  readonly markdown: string;
}

/**
 * The Markdown files of one folder, by their names; none where the folder is not there.
 *
 * @param root of the repository
 * @param folder from there: `docs/runbooks`
 */
export function readDocuments(root: string, folder: string): readonly CatalogDocument[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map(({ name }) => name)
    .sort()
    .map((name) => ({
      file: posix.join(folder, name),
      markdown: readFileSync(join(path, name), "utf8"),
    }));
}

/** What a link may lead to, as the checks take it: the anchors of each file. */
export function documentAnchors(
  documents: readonly CatalogDocument[],
): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    documents.map(({ file, markdown }) => [
      file,
      new Set(headingAnchors(markdown).map(({ anchor }) => anchor)),
    ]),
  );
}
