/**
 * Of a manifest whose fields are all Terraform's: what somebody edited by hand is put back. Without it the plan shows
 * the edit, and the API refuses the apply for a conflict with whoever edited.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
 */
export const OWN_FIELDS = { fieldManager: { forceConflicts: true } } as const;
