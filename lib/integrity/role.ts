/** What an object was found as, at its first mention in the repository. */
export const Role = { root: 0, child: 1, config: 2, layer: 3, subject: 4 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** Why one object points to another: what is lost when only such edges lead to a broken object differs. */
export const Edge = { image: 0, attestation: 1, subject: 2 } as const;
export type Edge = (typeof Edge)[keyof typeof Edge];
