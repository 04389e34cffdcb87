import { auditFiles } from "../../../lib/registry-host/audit/audit-files";
import { MAX_JUDGED } from "../../../lib/registry-host/audit/file-budget";

/** Of the processor, so that whatever else runs on the machine counts for nothing. */
function fastestMs(path: string, text: string): number {
  const runs = [1, 2, 3, 4].map(() => {
    const start = process.cpuUsage();
    auditFiles([{ path, text }]);
    return process.cpuUsage(start).user / 1_000;
  });
  return Math.min(...runs);
}

describe("the time of a file grows with its size, not with its square", () => {
  it.each<[string, string, (index: number) => string]>([
    ["block scalars of one map", "a.yml", (index) => `k${index}: |\n  x\n`],
    ["heredocs of one block", "a.tf", () => "a = <<E\nE\n"],
    ["commands of one list", "b.tf", (index) => `inline = ["x${index}"]\n`],
  ])("%s", (_, path, piece) => {
    const text = (count: number) => Array.from({ length: count }, (__, index) => piece(index)).join("");
    fastestMs(path, text(1_000));
    // Eight times the size: 64 times the time where it is quadratic.
    expect(fastestMs(path, text(16_000))).toBeLessThan(24 * Math.max(20, fastestMs(path, text(2_000))));
  });
});

describe("the time of a script's commands grows with their number, not with its square", () => {
  const GC = "docker exec r registry garbage-collect c";
  const DELETE = 'curl -X DELETE "$F/packages/o/container/x/$v"';
  it.each<[string, string, (count: number) => string]>([
    ["collections of one crontab", "crontab", (count) => `0 3 * * * root ${GC}\n`.repeat(count)],
    ["collections of one script", "a.sh", (count) => `${GC}\n`.repeat(count)],
    ["collections and restarts of others", "a.sh", (count) => `${GC}\ndocker restart x\n`.repeat(count)],
    ["elements of one list", "a.tf", (count) => `inline = [${`"${GC}",\n`.repeat(count)}]\n`],
    ["calls of a forge", "a.sh", (count) => `${DELETE}\n`.repeat(count)],
    ["removals by a variable", "a.sh", (count) => 'rm -rf "$tag_dir"\n'.repeat(count)],
    ["acceptances", "a.sh", (count) => `# tallyman: accept gc-without-restart x\n${GC}\n`.repeat(count)],
  ])("%s", (_, path, text) => {
    fastestMs(path, text(1_000));
    // Below the limit of a file: each command is judged. Eight times as many take 64 times as long if quadratic.
    expect(fastestMs(path, text(4_800))).toBeLessThan(24 * Math.max(7, fastestMs(path, text(600))));
  });
});

describe("a file with more than is judged", () => {
  it("is judged up to the limit, and named with its first line that was not", () => {
    const text = "registry garbage-collect c\n".repeat(MAX_JUDGED + 2);
    const { findings, unparsed } = auditFiles([{ path: "a.sh", text }]);
    expect(findings).toHaveLength(MAX_JUDGED);
    expect(unparsed).toEqual([
      { file: "a.sh", line: MAX_JUDGED + 1, text: expect.stringContaining("too many commands") },
    ]);
  });

  it("may hold any number of commands that say nothing of a registry", () => {
    const text = `${"true\n".repeat(MAX_JUDGED + 1)}registry garbage-collect c\n`;
    const { findings, unparsed } = auditFiles([{ path: "a.sh", text }]);
    expect(findings).toHaveLength(1);
    expect(unparsed).toEqual([]);
  });

  it("holds no more documents than are judged", () => {
    const { unparsed } = auditFiles([{ path: "a.yml", text: "---\na: b\n".repeat(MAX_JUDGED + 1) }]);
    expect(unparsed.map(({ text }) => text)).toEqual([expect.stringContaining("too many documents")]);
  });

  it("takes nothing from the files after it", () => {
    const text = "registry garbage-collect c\n".repeat(MAX_JUDGED + 1);
    const { findings } = auditFiles([
      { path: "a.sh", text },
      { path: "b.sh", text: "registry garbage-collect c\n" },
    ]);
    expect(findings.at(-1)?.file).toBe("b.sh");
  });
});

describe("a YAML file whose syntax is broken", () => {
  it("is still searched line by line for what damages", () => {
    const text = "registry: [\nrun: docker exec r registry garbage-collect -m c\n";
    const { findings, unparsed } = auditFiles([{ path: "a.yml", text }]);
    expect(findings.map(({ rule, line }) => `${line} ${rule}`)).toContain("2 gc-deletes-untagged");
    expect(unparsed).toHaveLength(1);
  });

  it("gives no finding for prose that names a command", () => {
    const text = "registry: [\ndescription: registry garbage-collect -m c\n";
    expect(auditFiles([{ path: "a.yml", text }]).findings).toEqual([]);
  });
});
