import type { InitOptions } from "./init-options";

/** Where a file of a new repository stands in docs/pull-requests.md: the first such block after these words. */
interface Source {
  readonly after: string;
  readonly language: string;
}

const COMMENT_SCRIPT: Source = { after: "`.ci/tallyman-comment.mjs`", language: "js" };

const FILES: Readonly<Record<InitOptions["ci"], Readonly<Record<string, Source>>>> = {
  github: {
    ".ci/tallyman-comment.mjs": COMMENT_SCRIPT,
    ".github/workflows/pull-request.yml": { after: "`.github/workflows/pull-request.yml`", language: "yaml" },
    ".github/workflows/pull-request-comment.yml": {
      after: "`.github/workflows/pull-request-comment.yml`",
      language: "yaml",
    },
  },
  woodpecker: {
    ".ci/comment-image/Dockerfile": { after: "`Dockerfile` of the image", language: "dockerfile" },
    ".ci/comment-image/tallyman-comment.mjs": COMMENT_SCRIPT,
    ".ci/comment-image/tallyman-comment.sh": { after: "`tallyman-comment.sh`", language: "sh" },
    ".woodpecker/pull-request.yml": { after: "`.woodpecker/pull-request.yml`", language: "yaml" },
  },
  none: {},
};

/**
 * The files that say on each pull request what it changes, as the document has them.
 *
 * @param document text of docs/pull-requests.md, in which a test runs them
 */
export function workflowFiles(document: string, ci: InitOptions["ci"]): ReadonlyMap<string, string> {
  return new Map(Object.entries(FILES[ci]).map(([path, source]) => [path, blockAfter(document, source)]));
}

function blockAfter(document: string, { after, language }: Source): string {
  const opening = `\n\`\`\`${language}\n`;
  const start = document.indexOf(opening, document.indexOf(after));
  const from = start + opening.length;
  const end = document.indexOf("\n```", from);
  if (!document.includes(after) || start < 0 || end < 0)
    throw new Error(`docs/pull-requests.md has lost ${after}`);
  return document.slice(from, end + 1);
}
