import type { InitOptions } from "./init-options";

interface ReadmeFacts extends Pick<InitOptions, "registry" | "namespace"> {
  readonly name: string;
}

/** What the repository is, and its commands. */
export function renderReadme({ name, registry, namespace }: ReadmeFacts): string {
  return `# ${name}

Proves on a schedule that every tag of \`${registry}\` can be pulled whole, and alerts where one cannot, with
[Tallyman](https://www.npmjs.com/package/tallyman).

    npm install
    npm test            # types, the stack, its snapshot
    npm run synth       # writes cdktf.out

- \`stacks/monitoring.ts\` is the probe and its alerts. The Secret \`registry-reader\` in the namespace \`${namespace}\`,
  with the keys \`username\` and \`password\`, is made by hand or by what makes your other Secrets.
- \`docs/runbooks\` is what the alerts link to. Read them once, before one of them pages you.
- \`npx tallyman diff main HEAD\` says what a change means; the workflow says it on each pull request.
- \`cdktf.out/stacks/monitoring\` is a Terraform root module: \`terraform -chdir=cdktf.out/stacks/monitoring init\`, then
  \`plan\` and \`apply\`.

State is kept in a file beside the project until \`stacks/monitoring.ts\` names a backend.
`;
}
