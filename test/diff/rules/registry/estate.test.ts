import { diffOutputs } from "../../../../lib/diff/diff-outputs";
import type { SynthesizedOutput } from "../../../../lib/diff/output";
import { registryEstate } from "../../../../stacks/estate/registry";
import { EstateOutputs } from "../../estate-output";

const outputs = new EstateOutputs();
let base: SynthesizedOutput;

beforeAll(() => {
  base = outputs.host();
});

afterAll(() => outputs.remove());

/** With every rule: what is told of a change, and that it is told once. */
function told(before: SynthesizedOutput, after: SynthesizedOutput): readonly string[] {
  return diffOutputs(before, after).changes.map(({ grade, kind, text }) => `${grade} ${kind}: ${text}`);
}

const release = (...files: readonly string[]) =>
  `notice host_release: A new release of the registry host is uploaded and activated; these files differ: ${files.join(", ")}.`;

test("the host as it is, and once more: nothing", () => {
  expect(told(base, outputs.host())).toEqual([]);
});

test("an older registry is one sentence beside the release", () => {
  expect(told(base, outputs.host({ estate: { image: "registry:2.8.2" } }))).toEqual([
    "risk version_moved_back: registry goes back from 2.8.3 to 2.8.2.",
    release("docker-compose.yml"),
  ]);
});

test("a host in another folder starts empty registries", () => {
  const changes = told(base, outputs.host({ estate: { root: "/srv/registry" } }));
  const kinds = changes.map((line) => line.split(":")[0]);
  expect(kinds).toEqual([
    ...Array(6).fill("danger storage_moved"),
    "notice host_root_moved",
    "notice host_release",
  ]);
  expect(changes).toContain(
    "danger storage_moved: registry-private starts an empty registry unless its data is moved first: /var/lib/registry was /opt/registry/data/private and is mounted from /srv/registry/data/private.",
  );
});

test("fewer tags kept", () => {
  const maintenance = { ...registryEstate.maintenance, keepNewest: 3 };
  expect(told(base, outputs.host({ estate: { maintenance } }))).toContain(
    "risk retention_keeps_fewer: maintain.sh keeps the newest 3 tags of a repository instead of 10: the others are deleted at its next run.",
  );
});

test("a cache taken away: its service, its port and its server", () => {
  const { quay: _, ...caches } = registryEstate.caches;
  expect(told(base, outputs.host({ estate: { caches } }))).toEqual(
    expect.arrayContaining([
      "risk service_removed: The service registry-quay is taken away: what it served is not found.",
      "risk front_server_lost: The front has no server on port 5020 any more: clients that ask there are refused.",
      "notice port_unpublished: registry-nginx publishes port 5020 no more: clients that use it are refused.",
    ]),
  );
});

test("another build of the host's program", () => {
  expect(told(base, outputs.host({ program: "console.log(1);\n" }))).toEqual([
    "notice host_release: A new release of the registry host is uploaded and activated; its program, or what activates it, differs.",
    expect.stringMatching(/^info program_changed: /),
  ]);
});
