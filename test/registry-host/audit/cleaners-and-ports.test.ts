import { auditFiles } from "../../../lib/registry-host/audit/audit-files";

function rulesOf(files: Record<string, string>): string[] {
  const { findings } = auditFiles(Object.entries(files).map(([path, text]) => ({ path, text })));
  return findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

describe("ready-made cleaners", () => {
  const step = (uses: string, inputs: string) => ({
    "w.yml": `steps:\n  - uses: ${uses}\n    with: { ${inputs} }\n`,
  });
  const FOUND = ["w.yml:2 cleaner-of-untagged"];
  it.each<[string, string, string[]]>([
    [
      "actions/delete-package-versions@v5",
      "package-type: container, delete-only-untagged-versions: true",
      FOUND,
    ],
    ["actions/delete-package-versions@v5", "package-type: npm, delete-only-untagged-versions: true", []],
    ["snok/container-retention-policy@v3.0.0", "tag-selection: untagged", FOUND],
    ["snok/container-retention-policy@v3.0.0", "tag-selection: untagged, skip-shas: 'sha256:a'", FOUND],
    ["snok/container-retention-policy@v3.0.0", "tag-selection: tagged", []],
    ["snok/container-retention-policy@v2", "untagged-only: true", FOUND],
    ["Chizkiyahu/delete-untagged-ghcr-action@v4", "except_untagged_multiplatform: false", FOUND],
    ["Chizkiyahu/delete-untagged-ghcr-action@v4", "untagged_only: true", []],
  ])("%s with %s", (uses, inputs, expected) => {
    expect(rulesOf(step(uses, inputs))).toEqual(expected);
  });

  it("damage, or may damage where some digests are spared", () => {
    const severities = (inputs: string) => {
      const [file = ["", ""]] = Object.entries(step("snok/container-retention-policy@v3.0.0", inputs));
      return auditFiles([{ path: file[0], text: file[1] }]).findings.map(({ severity }) => severity);
    };
    expect(severities("tag-selection: untagged")).toEqual(["damage"]);
    expect(severities("tag-selection: untagged, skip-shas: 'sha256:a'")).toEqual(["warning"]);
  });

  it("are found where a script calls a forge's API, and only where it selects the untagged", () => {
    const call = 'curl -X DELETE "$F/api/v1/packages/o/container/x/$v"';
    expect(rulesOf({ "a.sh": `jq 'select(.tags | length == 0)'\n${call}` })).toEqual([
      "a.sh:2 cleaner-of-untagged",
    ]);
    expect(rulesOf({ "a.sh": call })).toEqual([]);
  });
});

describe("what a registry host shows", () => {
  const registry = (ports: string, more = "") =>
    `services:\n  r:\n    image: registry:2.8.3\n    ports: [${ports}]\n    environment: { REGISTRY_STORAGE_DELETE_ENABLED: "true"${more} }\n`;
  it.each<[string, string, string[]]>([
    ["deletion without a password", registry("'5000:5000'"), ["c.yml:4 delete-exposed"]],
    ["deletion on loopback", registry("'127.0.0.1:5000:5000'"), []],
    ["deletion behind a password", registry("'5000:5000'", ", REGISTRY_AUTH: htpasswd"), []],
  ])("%s", (_, text, expected) => {
    expect(rulesOf({ "c.yml": text })).toEqual(expected);
  });

  it("a server that no published port leads to", () => {
    const compose =
      "services:\n  r: { image: 'registry:2.8.3' }\n  w:\n    image: nginx:1.27.3\n    ports: ['80:80']\n    volumes: ['./nginx.conf:/etc/nginx/nginx.conf']\n";
    const nginx = "http {\n  server { listen 80; }\n  server {\n    listen 81;\n  }\n}\n";
    expect(rulesOf({ "c.yml": compose, "nginx.conf": nginx })).toEqual(["nginx.conf:4 server-without-port"]);
  });
});

it("reads the job of Ansible's cron module", () => {
  const text =
    "- cron:\n    name: gc\n    minute: '0'\n    job: docker exec r registry garbage-collect -m c; docker restart r\n";
  expect(rulesOf({ "a.yml": text })).toEqual(["a.yml:4 gc-deletes-untagged"]);
});
