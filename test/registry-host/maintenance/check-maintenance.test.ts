import { ImagePin } from "../../../lib/core/image-pin";
import { formatProblem } from "../../../lib/core/problem";
import { cacheOf, writable } from "../../../lib/registry-host/host-registry";
import type { RegistryHostOptions } from "../../../lib/registry-host/host-spec";
import {
  checkMaintenance,
  keepsIndexChildren,
} from "../../../lib/registry-host/maintenance/check-maintenance";
import {
  Maintenance,
  type MaintenanceOptions,
  Retention,
} from "../../../lib/registry-host/maintenance/maintenance";

const DIGEST = `sha256:${"a".repeat(64)}`;
const SOUND: RegistryHostOptions = {
  root: "/opt/registry",
  image: "registry:2.8.3",
  registries: {
    private: writable({
      port: 5050,
      hostname: "registry.example.com",
      tls: { certificateFile: "/tls.crt", keyFile: "/tls.key" },
      htpasswdFile: "/htpasswd",
    }),
  },
};

function problems(
  options: MaintenanceOptions,
  more: Partial<RegistryHostOptions> = {},
  calendar = "Sun 03:00",
): string[] {
  const maintenance = Maintenance.weekly(calendar, options);
  return checkMaintenance({ ...SOUND, ...more, maintenance }).map(formatProblem);
}

test("nothing is wrong with no maintenance, and with a sound one", () => {
  expect(checkMaintenance(SOUND)).toEqual([]);
  expect(problems({})).toEqual([]);
  expect(
    problems({ keep: Retention.newest(1, { keep: ["^v[0-9]+$", "'; rm"] }), leastFreeBytes: 0 }),
  ).toEqual([]);
  expect(problems({ deleteUntagged: true }, { image: `registry:3.0.0@${DIGEST}` })).toEqual([]);
});

test.each<[string, MaintenanceOptions, Partial<RegistryHostOptions>, RegExp]>([
  [
    "no tag kept",
    { keep: Retention.newest(0) },
    {},
    /^maintenance\.keep\.keepLast must be a whole number from 1/,
  ],
  ["half a tag", { keep: Retention.newest(1.5) }, {}, /keepLast must be .* got 1\.5/],
  ["no number", { keep: Retention.newest(Number.NaN) }, {}, /keepLast must be .* got "NaN"/],
  [
    "no regex",
    { keep: Retention.newest(1, { keep: ["ok", "("] }) },
    {},
    /keep\[1\] must be a regular expression, got "\("/,
  ],
  ["an empty regex", { keep: Retention.newest(1, { keep: [""] }) }, {}, /keep\[0\] must have 1 to 1000/],
  [
    "a line in a regex",
    { keep: Retention.newest(1, { keep: ["a\nb"] }) },
    {},
    /keep\[0\] must have .* no control/,
  ],
  [
    "F1 on 2.8",
    { deleteUntagged: true },
    {},
    /children of every index.*#3178; mended by #4285.*registry:2\.8\.3.*without -m/,
  ],
  [
    "F1, digest beside",
    { deleteUntagged: true },
    { image: `registry:2.8.3@${DIGEST}` },
    /before registry 3\.0\.0/,
  ],
  [
    "F1, a pin object",
    { deleteUntagged: true },
    { image: ImagePin.of("registry:2.8.3") },
    /before registry 3\.0\.0/,
  ],
  ["no version", { deleteUntagged: true }, { image: `registry@${DIGEST}` }, /tells no version/],
  ["no space", { leastFreeBytes: -1 }, {}, /^maintenance\.leastFreeBytes must be a whole number of bytes/],
  [
    "a relative folder",
    { credentialsDirectory: "secrets" },
    {},
    /^maintenance\.credentialsDirectory must be a plain absolute/,
  ],
  [
    "caches alone",
    {},
    { registries: { ghcr: cacheOf("https://ghcr.io", { port: 5010 }) } },
    /^maintenance must have a registry that is pushed to/,
  ],
])("%s is refused, with what to write", (_, options, more, expected) => {
  expect(problems(options, more)).toEqual([expect.stringMatching(expected)]);
});

test.each([
  "Sunday 03:00",
  "Sun 3:00",
  "Sun 24:00",
  "03:00",
  "Sun 03:60",
  "sun 03:00",
  "Sun 03:00\nPersistent=false",
  "",
])("%j is no weekday with a time", (calendar) => {
  expect(problems({}, {}, calendar)).toEqual([
    expect.stringMatching(/^maintenance\.calendar must be a weekday and a time.*Write it as "Sun 03:00"/),
  ]);
});

test.each([
  ["registry:2.8.3", false],
  ["registry:3.0.0-alpha.1", false],
  ["registry:3.0.0-rc.1", false],
  ["registry:3.0.0", true],
  ["registry:v3.1.2", true],
  ["registry:10.0.0", true],
  [`registry@${DIGEST}`, false],
  [`registry:latest@${DIGEST}`, false],
] as const)("%s spares the children of an index: %s", (image, expected) => {
  expect(keepsIndexChildren(ImagePin.of(image))).toBe(expected);
});
