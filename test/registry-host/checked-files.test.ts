/** A fault of a renderer is refused before anything of it could be uploaded. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { ConfigurationError } from "../../lib/core/problem";
import { checkedFiles } from "../../lib/registry-host/checked-files";
import type { HostFile } from "../../lib/registry-host/host-file";
import * as rendered from "../../lib/registry-host/host-files";
import { hostSpec } from "../../lib/registry-host/host-spec";
import { maintenanceFiles } from "../../lib/registry-host/maintenance/maintenance-files";
import { RegistryHost } from "../../lib/registry-host/registry-host";
import { Ssh } from "../../lib/registry-host/ssh";
import { ESTATE } from "./fixtures/estate-options";

const spec = hostSpec(ESTATE);
const REFUSED = /registries\.quay, nginx\.conf must have a server on port 5020/;

function faulty(files: readonly HostFile[]): readonly HostFile[] {
  return files.map((file) =>
    file.path === "nginx.conf" ? { ...file, content: file.content.replace("listen 5020;", "") } : file,
  );
}

afterEach(() => {
  jest.restoreAllMocks();
});

test("those of the host and those of its maintenance, as they are rendered", () => {
  expect(checkedFiles(spec)).toEqual([...rendered.hostFiles(spec), ...maintenanceFiles(spec)]);
});

test("one that disagrees with the spec is refused", () => {
  const check = () => checkedFiles(spec, faulty);
  expect(check).toThrow(ConfigurationError);
  expect(check).toThrow(REFUSED);
});

test("the construct takes no others", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-checked-files-"));
  try {
    const programFile = join(folder, "program.mjs");
    writeFileSync(programFile, "program");
    const stack = new TerraformStack(new App({ outdir: join(folder, "out") }), "registry");
    const ssh = Ssh.to("192.0.2.10", { hostKey: `ssh-ed25519 ${"A".repeat(68)}` });
    const build = (id: string) => new RegistryHost(stack, id, { ...ESTATE, ssh, programFile });
    expect(() => build("good")).not.toThrow();
    const render = rendered.hostFiles;
    jest.spyOn(rendered, "hostFiles").mockImplementation((of) => faulty(render(of)));
    expect(() => build("faulty")).toThrow(REFUSED);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
