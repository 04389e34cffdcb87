/** Damage was found, even when the walk is incomplete. */
export const EXIT_DAMAGE = 1;
/** No damage seen, but the walk, or the push of its metrics, could not be finished. */
export const EXIT_INCOMPLETE = 2;
/** The words of the command line make no sense. */
export const EXIT_USAGE = 64;
