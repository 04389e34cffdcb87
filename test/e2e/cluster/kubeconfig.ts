export interface KubeconfigFacts {
  readonly url: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string;
}

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/, as JSON, which is YAML too. */
export function renderKubeconfig({ url, token, ca }: KubeconfigFacts): string {
  return `${JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "e2e",
      contexts: [{ name: "e2e", context: { cluster: "e2e", user: "e2e" } }],
      clusters: [
        {
          name: "e2e",
          cluster: { server: url, "certificate-authority-data": Buffer.from(ca).toString("base64") },
        },
      ],
      users: [{ name: "e2e", user: { token } }],
    },
    null,
    2,
  )}\n`;
}
