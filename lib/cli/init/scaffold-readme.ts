import type { InitOptions } from "./init-options";

interface ReadmeFacts extends Pick<InitOptions, "registry" | "namespace" | "ci"> {
  readonly name: string;
}

/** What follows the sentence on the diff. */
const PULL_REQUESTS: Readonly<Record<InitOptions["ci"], string>> = {
  github: ` \`.github/workflows\` says it as a comment on each pull request, with
  a token that no pull request's code can reach. Commit \`package-lock.json\`: \`npm ci\` needs it.`,
  woodpecker: ` \`.woodpecker/pull-request.yml\` says it as a comment on each
  pull request, once the image of \`.ci/comment-image\` is pushed and its secret is made: the addresses in these files
  (\`git.example.com\`, \`registry.example.com/ci/tallyman-comment:1\`, \`ci-bot\`) are yours to put in, and
  \`node_modules/tallyman/docs/pull-requests.md\` has the commands. Commit \`package-lock.json\`: \`npm ci\` needs it.`,
  none: "",
};

/** What the repository is, and its commands. */
export function renderReadme({ name, registry, namespace, ci }: ReadmeFacts): string {
  return `# ${name}

Proves on a schedule that every tag of \`${registry}\` can be pulled whole, and alerts where one cannot, with
Tallyman.

    npm install
    npm test            # types, the stack, its snapshot
    npm run synth       # writes cdktf.out

- \`stacks/monitoring.ts\` is the probe and its alerts. The Secret \`registry-reader\` in the namespace \`${namespace}\`,
  with the keys \`username\` and \`password\`, is made by hand or by what makes your other Secrets.
- \`docs/runbooks\` is what the alerts link to. Read them once, before one of them pages you. The registry's host and
  the way to rebuild an image are yours to put in: \`registry-vm.md\`, \`registry-rebuild-image.md\`.
- \`npx tallyman diff main HEAD\` says what a change means.${PULL_REQUESTS[ci]}
- \`cdktf.out/stacks/monitoring\` is a Terraform root module: \`terraform -chdir=cdktf.out/stacks/monitoring init\`, then
  \`plan\` and \`apply\`.

State is kept in a file beside the project until \`stacks/monitoring.ts\` names a backend.
`;
}
