import { type ApiSources, chooseApi } from "./choose-api";

const BINARIES = { etcd: "/etcd", kubeApiserver: "/api", kubeControllerManager: null, kubeScheduler: null };

function kubeconfig(server: string, current = "a"): string {
  return [
    `current-context: ${current}`,
    "contexts: [{name: z, context: {cluster: other}}, {name: a, context: {cluster: mine}}]",
    `clusters: [{name: other, cluster: {server: "https://10.0.0.9"}}, {name: mine, cluster: {server: "${server}"}}]`,
  ].join("\n");
}

function choose(env: Record<string, string>, text = "", binaries: typeof BINARIES | string = BINARIES) {
  const sources: ApiSources = {
    env,
    readText: (path) => {
      if (path !== "/given") throw new Error(`${path} was read`);
      return text;
    },
    findBinaries: () => binaries,
  };
  return chooseApi(sources);
}

const given = { TALLYMAN_E2E_KUBECONFIG: "/given" };

test.each(["https://127.0.0.1:6443", "https://127.8.0.1", "https://localhost:1", "https://[::1]:6443"])(
  "an API on loopback is taken as it is named: %s",
  (server) => {
    expect(choose(given, kubeconfig(server), "no binaries")).toEqual({
      kind: "given",
      kubeconfig: "/given",
      server,
    });
  },
);

test.each([
  "https://10.0.0.1:6443",
  "https://127.0.0.1.example.com",
  "https://localhost.example.com",
  "https://[::2]",
])("any other is refused until it is confirmed: %s", (server) => {
  expect(() => choose(given, kubeconfig(server))).toThrow(
    `must name an API on loopback, got ${server}. The tests make`,
  );
  for (const no of ["", "0", "yes"]) {
    expect(() => choose({ ...given, TALLYMAN_E2E_ALLOW_REMOTE: no }, kubeconfig(server))).toThrow(/loopback/);
  }
  expect(choose({ ...given, TALLYMAN_E2E_ALLOW_REMOTE: "1" }, kubeconfig(server))).toMatchObject({
    kind: "given",
    server,
  });
});

test("a kubeconfig that names no API is no reason to take another", () => {
  for (const text of [
    "",
    "[]",
    "current-context: b",
    kubeconfig("https://127.0.0.1", "b"),
    kubeconfig("?"),
  ]) {
    expect(() => choose(given, text)).toThrow(/must be a kubeconfig with a current context, got \/given\. /);
  }
});

test("without a name one is started, whatever the user's own is; without its programs there is none", () => {
  for (const env of [{}, { TALLYMAN_E2E_KUBECONFIG: "" }, { KUBECONFIG: "/home/of/mine" }]) {
    expect(choose(env)).toEqual({ kind: "started", binaries: BINARIES });
  }
  expect(choose({}, "", "etcd is missing")).toEqual({ kind: "missing", lack: "etcd is missing" });
});
