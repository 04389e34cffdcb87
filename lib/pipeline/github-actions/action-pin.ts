import type { Problem } from "../../core/problem";

/**
 * Someone else's action at one commit: a tag may be moved to other code.
 * https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
 */
export interface ActionPin {
  /** `docker/build-push-action` */
  readonly repository: string;
  /** The commit's tag, which stands beside it as a comment: people and update bots read it. */
  readonly version: string;
  /** Of the commit, 40 lower-case hexadecimal digits. */
  readonly sha: string;
}

/** The actions that the workflow of a build uses, as their authors tagged them. */
export const ACTIONS = {
  checkout: {
    repository: "actions/checkout",
    version: "v7.0.1",
    sha: "3d3c42e5aac5ba805825da76410c181273ba90b1",
  },
  setupQemu: {
    repository: "docker/setup-qemu-action",
    version: "v4.2.0",
    sha: "96fe6ef7f33517b61c61be40b68a1882f3264fb8",
  },
  setupBuildx: {
    repository: "docker/setup-buildx-action",
    version: "v4.3.0",
    sha: "37fe631027851001ddb9b187196cc803df7f5f0e",
  },
  login: {
    repository: "docker/login-action",
    version: "v4.1.0",
    sha: "4907a6ddec9925e35a0a9e82d7399ccc52663121",
  },
  buildPush: {
    repository: "docker/build-push-action",
    version: "v7.3.0",
    sha: "53b7df96c91f9c12dcc8a07bcb9ccacbed38856a",
  },
} as const satisfies Record<string, ActionPin>;

export type ActionName = keyof typeof ACTIONS;

/** `docker/build-push-action@53b7df96…` */
export function formatActionPin({ repository, sha }: ActionPin): string {
  return `${repository}@${sha}`;
}

export function checkActionPin(pin: ActionPin, path: string): readonly Problem[] {
  const { repository, version, sha } = pin;
  const problem = (field: string, rule: string, value: string, fix: string): Problem => ({
    path: `${path}.${field}`,
    rule,
    value,
    fix,
  });
  return [
    ...(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._/-]+)?$/.test(repository)
      ? []
      : [problem("repository", "be owner/name", repository, "Write it as docker/build-push-action.")]),
    ...(/^[A-Za-z0-9._+-]+$/.test(version)
      ? []
      : [problem("version", "be the commit's tag", version, "Write it as v7.3.0.")]),
    ...(/^[0-9a-f]{40}$/.test(sha)
      ? []
      : [
          problem(
            "sha",
            "be a whole commit",
            sha,
            "Ask git ls-remote for the tag: a tag alone can be moved.",
          ),
        ]),
  ];
}
