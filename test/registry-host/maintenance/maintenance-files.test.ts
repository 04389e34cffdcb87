import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Duration } from "../../../lib/core/duration";
import { HOST_METRICS } from "../../../lib/integrity/contract";
import { hostFiles } from "../../../lib/registry-host/host-files";
import { cacheOf, writable } from "../../../lib/registry-host/host-registry";
import { hostSpec, type RegistryHostOptions } from "../../../lib/registry-host/host-spec";
import { Maintenance, Retention } from "../../../lib/registry-host/maintenance/maintenance";
import { maintenanceFiles } from "../../../lib/registry-host/maintenance/maintenance-files";
import { parseYaml } from "../../../lib/text/yaml";

function options(maintenance: Maintenance | null, image = "registry:2.8.3"): RegistryHostOptions {
  return {
    root: "/opt/registry",
    image,
    registries: {
      ghcr: cacheOf("https://ghcr.io", { port: 5010 }),
      private: writable({
        port: 5050,
        hostname: "registry.example.com",
        tls: { certificateFile: "/tls.crt", keyFile: "/tls.key" },
        htpasswdFile: "/htpasswd",
      }),
    },
    ...(maintenance === null ? {} : { maintenance }),
  };
}

function files(maintenance: Maintenance | null, image?: string): ReadonlyMap<string, string> {
  return new Map(
    maintenanceFiles(hostSpec(options(maintenance, image))).map(({ path, content }) => [path, content]),
  );
}

const WEEKLY = Maintenance.weekly("Sun 03:00", { keep: Retention.newest(10) });

test("no maintenance, no files", () => {
  expect(files(null).size).toBe(0);
});

test("all files, each once, and none that the host renders otherwise", () => {
  const own = [...files(WEEKLY).keys()];
  expect(own).toEqual([
    "docker-compose.read-only.yml",
    "maintenance/maintain.sh",
    "maintenance/upload-status.mjs",
    "systemd/registry-maintenance-recover.service",
    "systemd/registry-maintenance.service",
    "systemd/registry-maintenance.timer",
  ]);
  const others = hostFiles(hostSpec(options(WEEKLY))).map(({ path }) => path);
  expect(others.filter((path) => own.includes(path))).toEqual([]);
  expect(others).toContain("config-private.read-only.yml");
});

test.each([
  ["registry:2.8.3", "/etc/docker/registry/config.yml"],
  ["registry:3.1.2", "/etc/distribution/config.yml"],
])("the override of %s covers the one mount of the writable registry", (image, target) => {
  const parsed = parseYaml(files(WEEKLY, image).get("docker-compose.read-only.yml") ?? "");
  expect(parsed).toEqual({
    services: {
      "registry-private": { volumes: [`/opt/registry/current/config-private.read-only.yml:${target}:ro`] },
    },
  });
});

test("the units: a time, a run that ends in recovery, a recovery at every boot", () => {
  const all = files(WEEKLY);
  expect(all.get("systemd/registry-maintenance.timer")).toMatch(
    /^OnCalendar=Sun \*-\*-\* 03:00:00\nPersistent=true\nRandomizedDelaySec=60$/m,
  );
  const run = all.get("systemd/registry-maintenance.service") ?? "";
  const script = "/bin/sh /opt/registry/current/maintenance/maintain.sh";
  expect(run).toContain(`\nExecStart=${script}\nExecStopPost=${script} --recover\n`);
  expect(run).toMatch(/^TimeoutStartSec=36000$/m);
  expect(run).not.toContain("[Install]");
  const recovery = all.get("systemd/registry-maintenance-recover.service") ?? "";
  expect(recovery).toContain(`\nExecStart=${script} --recover\n`);
  expect(recovery).toMatch(/^After=.* docker-compose-registry\.service$/m);
  expect(recovery).toMatch(/^WantedBy=multi-user\.target$/m);
});

test("untagged manifests are collected where it is asked for and safe, and nowhere else", () => {
  const asked = Maintenance.weekly("Sun 03:00", { deleteUntagged: true });
  const script = (image: string, maintenance: Maintenance) =>
    files(maintenance, image).get("maintenance/maintain.sh");
  expect(script("registry:3.1.2", asked)).toContain("--delete-untagged");
  expect(script("registry:2.8.3", asked)).not.toContain("--delete-untagged");
  expect(script("registry:3.1.2", WEEKLY)).not.toContain("--delete-untagged");
  expect(script("registry:2.8.3", asked)).toContain("RETAINS=no");
});

test("the script is one that a POSIX shell reads, and says the metrics as the contract has them", () => {
  const script = files(WEEKLY).get("maintenance/maintain.sh") ?? "";
  expect(spawnSync("dash", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({
    status: 0,
    stderr: "",
  });
  for (const name of [
    "registry_gc_last_success_timestamp",
    "registry_gc_last_exit_code",
    "registry_maintenance",
  ] as const) {
    expect(script).toContain(name);
    expect(script).toContain(HOST_METRICS[name]);
  }
});

test("what a user wrote reaches the program as it was written, whatever a shell would make of it", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-quoting-"));
  try {
    const file = join(folder, "check.sh");
    const hostile = fc.constantFrom(
      "'",
      '"',
      "$(id)",
      "`id`",
      "\\",
      "$HOME",
      "; exit 3",
      "*",
      " ",
      "-",
      "é",
      "%s",
      "!",
    );
    const pattern = fc
      .array(fc.oneof(hostile, fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 })), {
        minLength: 1,
      })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), (keep) => {
        const maintenance = Maintenance.weekly("Sun 03:00", {
          keep: Retention.newest(3, { keep, minAge: Duration.hours(2) }),
        });
        const script = files(maintenance).get("maintenance/maintain.sh") ?? "";
        writeFileSync(file, script.replace(/\nmain "[^\n]*\n$/, '\nretain_with printf "%s\\0"\n'));
        const { stdout, stderr, status } = spawnSync("sh", [file], { encoding: "utf8" });
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        expect(stdout.split("\0").slice(0, -1)).toEqual([
          "--keep-last=3",
          "--min-age=2h",
          ...keep.map((one) => `--keep=${one}`),
          "--deadline=110m",
          "--apply",
        ]);
      }),
      { numRuns: 60 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
