/** A heading of a runbook, as a link's fragment addresses it. */
export interface RunbookSection {
  readonly title: string;
  /** Without the #, as GitHub makes it from the title. */
  readonly anchor: string;
}

export interface Runbook {
  /** From the repository's root: `docs/runbooks/<name>.md`. */
  readonly file: string;
  readonly title: string;
  readonly sections: readonly RunbookSection[];
  /** In one sentence. */
  readonly whenToUse: string;
  /** It belongs to another repository: linked, and no error where its file is absent. */
  readonly isExternal: boolean;
}
