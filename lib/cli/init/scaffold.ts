import type { InitOptions } from "./init-options";
import { renderProjectFiles } from "./scaffold-project";
import { renderReadme } from "./scaffold-readme";
import { adaptRunbooks } from "./scaffold-runbooks";
import { renderStackFiles } from "./scaffold-stack";
import { workflowFiles } from "./scaffold-workflows";

export interface ScaffoldInput extends Omit<InitOptions, "folder" | "library"> {
  /** The project's name, as npm allows it. */
  readonly name: string;
  /** What package.json says of tallyman. */
  readonly library: string;
  /** The library's own runbooks, by file name. */
  readonly runbooks: ReadonlyMap<string, string>;
  /** Text of the library's docs/pull-requests.md. */
  readonly pullRequests: string;
}

/** Every file of a new infrastructure repository, by its path with `/`. */
export function scaffold(input: ScaffoldInput): ReadonlyMap<string, string> {
  const runbooks = [...adaptRunbooks(input.runbooks, input.registry)];
  return new Map([
    ...renderProjectFiles(input),
    ...renderStackFiles(input),
    ["README.md", renderReadme(input)],
    ...workflowFiles(input.pullRequests, input.ci),
    ...runbooks.map(([name, text]) => [`docs/runbooks/${name}`, text] as const),
  ]);
}
