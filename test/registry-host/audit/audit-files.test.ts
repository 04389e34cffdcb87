import * as fc from "fast-check";
import { type AuditResult, auditFiles } from "../../../lib/registry-host/audit/audit-files";
import { AUDIT_RULES } from "../../../lib/registry-host/audit/audit-rules";
import { ESTATE } from "./estate-repository";

function places({ findings }: AuditResult): string[] {
  return findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort();
}

function auditOf(path: string, text: string): string[] {
  return places(auditFiles([{ path, text }]));
}

describe("the reference estate as it was", () => {
  const result = auditFiles(ESTATE.files);

  it("has every marked fault found at its line, and nothing else", () => {
    expect(places(result)).toEqual(ESTATE.expected);
    expect(result.unparsed).toEqual([]);
  });

  it("is damaged by collections of untagged manifests, removed revisions and a cleaner alone", () => {
    const damage = result.findings.filter(({ severity }) => severity === "damage");
    expect(damage.map(({ file, rule }) => `${file} ${rule}`)).toEqual([
      ".github/workflows/clean.yml cleaner-of-untagged",
      "modules/registry/clean-tags.sh tag-directories-removed",
      "modules/registry/main.tf gc-deletes-untagged",
      "modules/registry/main.tf gc-deletes-untagged",
      "modules/registry/main.tf gc-deletes-untagged",
    ]);
  });

  it("gives each finding a reason and a fix", () => {
    for (const { text, fix, rule } of result.findings) {
      expect(text).toContain(AUDIT_RULES[rule].reason);
      expect(fix.length).toBeGreaterThan(10);
    }
  });
});

describe("single settings", () => {
  const GC = "docker exec registry-private registry garbage-collect";
  it.each<[string, string, string[]]>([
    ["a.sh", `${GC} -m /c.yml\ndocker restart registry-private`, ["a.sh:1 gc-deletes-untagged"]],
    ["a.sh", `${GC} /c.yml && docker restart registry-private`, []],
    ["a.sh", `${GC} /c.yml\ndocker restart registry-nginx`, ["a.sh:1 gc-without-restart"]],
    ["a.sh", `${GC} /c.yml\ndocker compose restart`, []],
    ["a.sh", `${GC} /c.yml\ndocker compose restart private`, []],
    ["a.sh", `docker restart registry-private\n${GC} /c.yml`, ["a.sh:2 gc-without-restart"]],
    ["a.sh", `again() { docker restart registry-private; }\n${GC} /c.yml\nagain`, []],
    ["a.sh", `${GC} /c.yml\ndocker restart "$name"`, []],
    ["crontab", `9 3 * * 0 docker restart registry-private\n0 3 * * 0 ${GC} /c.yml`, []],
    ["crontab", `0 3 * * 0 ${GC} /c.yml\n9 3 * * 0 docker restart x`, ["crontab:1 gc-without-restart"]],
    ["a.sh", `${GC} /c.yml\nsystemctl restart docker-compose-registry`, []],
    ["a.sh", `${GC} --dry-run -m /c.yml`, []],
    ["a.sh", `# ${GC} -m /c.yml`, []],
    ["a.sh", `echo "never: ${GC} -m /c.yml"`, []],
    ["a.sh", `cat <<X\n${GC} -m /c.yml\nX`, []],
    [
      "a.sh",
      `ssh host <<X\n\n${GC} -m /c.yml\nX`,
      ["a.sh:3 gc-deletes-untagged", "a.sh:3 gc-without-restart"],
    ],
    ["a.sh", `${GC} \\\n  --delete-untagged=false /c.yml; docker restart registry-private`, []],
    [
      "a.yml",
      "steps:\n  - run: |\n      x\n      registry garbage-collect -m c\n      docker restart r",
      ["a.yml:4 gc-deletes-untagged"],
    ],
    [
      "a.yml",
      "command:\n  - registry\n  - garbage-collect\n  - -m\n",
      ["a.yml:3 gc-deletes-untagged", "a.yml:3 gc-without-restart"],
    ],
    ["a.yml", "description: registry garbage-collect -m\n", []],
    [
      "a.py",
      'run(["docker", "exec", "r", "registry", "garbage-collect", "-m", "c"])\nrun(["docker", "restart", "r"])',
      ["a.py:1 gc-deletes-untagged"],
    ],
    [
      "a.py",
      'for tag in (repo / "_manifests/tags").iterdir():\n  shutil.rmtree(tag)',
      ["a.py:2 tag-directories-removed"],
    ],
    ["a.sh", 'curl -sI "$R/v2/a/manifests/b" | grep -i docker-content-digest', []],
    ["a.sh", 'curl -k "https://localhost:5000/v2/_catalog"', []],
    ["a.sh", 'curl -k "https://api.example.com/v2/users"', []],
    ["a.sh", 'curl --keepalive-time 2 "$R/v2/_catalog"', []],
    ["a.sh", 'C="curl -sk"\n$C "$R/v2/_catalog"', ["a.sh:2 tls-not-verified"]],
    ["etc/cron.d/x", "0 3 * * * root apk add curl\n", ["etc/cron.d/x:1 package-install-at-run-time"]],
    ["a.sh", "apk add curl", []],
    ["a.yml", `services:\n  r:\n    image: registry:\${V:-2}\n`, ["a.yml:3 floating-tag"]],
    ["a.yml", `services:\n  r:\n    image: registry@sha256:${"a".repeat(64)}`, []],
    ["a.md", `    ${GC} -m /c.yml`, []],
    ["a.ts", `exec("${GC} -m /c.yml")`, []],
  ])("%s %j", (path, text, expected) => {
    expect(auditOf(path, text)).toEqual(expected);
  });

  it("takes a collection of untagged manifests for harmless where the registry is 3.x", () => {
    const compose = (tag: string) => ({
      path: "c.yml",
      text: `services:\n  r:\n    image: registry:${tag}\n`,
    });
    const script = { path: "gc.sh", text: "docker exec r registry garbage-collect -m c; docker restart r" };
    const severities = (tag: string) =>
      auditFiles([compose(tag), script]).findings.map(({ severity }) => severity);
    expect(severities("3.0.0")).toEqual(["information"]);
    expect(severities("2.8.3")).toEqual(["damage"]);
  });
});

describe("ordinary repositories", () => {
  it.each<[string, Record<string, string>]>([
    [
      "WordPress behind nginx",
      {
        "docker-compose.yml":
          "services:\n  wordpress:\n    image: wordpress:latest\n    ports: ['8080:80']\n  db: { image: mysql:8 }\n  web:\n    image: nginx:alpine\n    ports: ['80:80', '443:443']\n    volumes: ['./nginx.conf:/etc/nginx/nginx.conf']\n",
        "default.conf": "server { listen 80; location / { proxy_pass http://wordpress; } }",
      },
    ],
    [
      "Kubernetes with a chart",
      {
        "chart/templates/deploy.yaml":
          "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n  {{- with .Values.labels }}\n  labels: {{ toYaml . | nindent 4 }}\n  {{- end }}\nspec:\n  x: [{{ .Values.x }}]\n",
        "job.yaml":
          "apiVersion: batch/v1\nkind: Job\nspec:\n  containers:\n    - image: alpine:latest\n      command: [sh, -c, 'apk add curl']\n",
      },
    ],
    [
      "GitHub workflows",
      {
        ".github/workflows/ci.yml":
          "on: push\njobs:\n  t:\n    services:\n      registry:\n        image: registry:2\n        ports: ['5000:5000']\n    steps:\n      - run: |\n          pip install x\n          sudo apt-get install -y y\n          curl -fsS http://localhost:5000/v2/\n",
      },
    ],
  ])("%s has no finding", (_, files) => {
    const result = auditFiles(Object.entries(files).map(([path, text]) => ({ path, text })));
    expect(result.findings).toEqual([]);
    expect(result.unparsed).toEqual([]);
  });
});

describe("acceptances", () => {
  const text = "docker exec r registry garbage-collect -m c; docker restart r";

  it("take a finding of their file away, and keep the reason", () => {
    const result = auditFiles([
      { path: "a.sh", text: `# tallyman: accept gc-deletes-untagged no indexes here\n${text}` },
      { path: "b.sh", text },
    ]);
    expect(places(result)).toEqual(["b.sh:1 gc-deletes-untagged"]);
    expect(result.accepted.map(({ file, reason }) => [file, reason])).toEqual([["a.sh", "no indexes here"]]);
  });

  it.each([
    ["# tallyman: accept floating-tag it is fine", "does not occur"],
    ["# tallyman: accept gc-deletes-untagged", "has no reason"],
    ["# tallyman: accept gc-deletes x", "no rule is called gc-deletes"],
  ])("that fit nothing are warnings: %s", (comment, said) => {
    const { findings } = auditFiles([{ path: "a.sh", text: `${comment}\n${text}` }]);
    expect(findings.map(({ rule }) => rule)).toEqual(["gc-deletes-untagged", "accept-unused"]);
    expect(findings[1]?.text).toContain(said);
  });
});

it("never throws, whatever the files hold", () => {
  const names = fc.constantFrom("a.tf", "a.yml", "a.sh", "a.conf", "a.py", "crontab", "x", "compose.yml.tpl");
  const piece = fc.constantFrom(
    ...[
      "services:\n",
      "  r: {image: registry:2}\n",
      "<<EOF\n",
      "EOF\n",
      "&a *a",
      "|\n",
      "- ",
      "${",
      '"',
      "'",
      "{",
      "}",
    ],
    ...["server {", ";", "#", "garbage-collect -m", "* * * * * ", "\t", "[", "]", "\\\n", "command: "],
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ path: names, text }), { maxLength: 3 }), (files) => {
      const lineCount = (path: string) =>
        Math.max(...files.filter((each) => each.path === path).map((each) => each.text.split("\n").length));
      for (const { file, line } of auditFiles(files).findings) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lineCount(file));
      }
    }),
    { numRuns: 300 },
  );
});
