import { performance } from "node:perf_hooks";
import { auditFiles } from "../../../lib/registry-host/audit/audit-files";

function fastestMs(path: string, text: string): number {
  const runs = [1, 2, 3].map(() => {
    const start = performance.now();
    auditFiles([{ path, text }]);
    return performance.now() - start;
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
    expect(fastestMs(path, text(16_000))).toBeLessThan(24 * Math.max(5, fastestMs(path, text(2_000))));
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
