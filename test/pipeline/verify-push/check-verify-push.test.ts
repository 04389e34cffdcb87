import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration } from "../../../lib/core/duration";
import type { VerifyPushSpec } from "../../../lib/pipeline/verify-push/verify-push-spec";
import { verifyPushStep } from "../../../lib/pipeline/verify-push/verify-push-step";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-verify-check-"));
  writeFileSync(join(folder, "program"), "any bytes");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function spec(more: Partial<VerifyPushSpec> = {}): VerifyPushSpec {
  return {
    images: [{ name: "registry.example.com/app", tags: ["latest"] }],
    credentials: {
      kind: "secrets",
      username: { secret: "registry_user" },
      password: { secret: "registry_password" },
    },
    program: { kind: "inline", file: join(folder, "program") },
    ...more,
  };
}

test("what all the cases differ from is sound", () => {
  expect(() => verifyPushStep(spec())).not.toThrow();
});

describe("what is wrong is said before a pipeline runs", () => {
  const cases: readonly (readonly [string, () => Partial<VerifyPushSpec>, string])[] = [
    ["no image", () => ({ images: [] }), "images must name what was pushed"],
    ["no tag", () => ({ images: [{ name: "r.io/a", tags: [] }] }), "images[0].tags must name every tag"],
    [
      "a tag in the name",
      () => ({ images: [{ name: "r.io/a:1", tags: ["1"] }] }),
      "images[0].name must have neither tag",
    ],
    [
      "a digest in the name",
      () => ({ images: [{ name: `r.io/a@sha256:${"0".repeat(64)}`, tags: ["1"] }] }),
      "images[0].name must have neither tag",
    ],
    [
      "no name",
      () => ({ images: [{ name: "r.io/UPPER", tags: ["1"] }] }),
      "images[0].name must name an image",
    ],
    [
      "a shell in a tag",
      () => ({ images: [{ name: "r.io/a", tags: ["$(x)"] }] }),
      "images[0].tags[0] must be a tag",
    ],
    [
      "no variable",
      () => ({ images: [{ name: "r.io/a", tags: [{ variable: "$SHA" }] }] }),
      "images[0].tags[0].variable must be the name of an environment variable",
    ],
    [
      "no length",
      () => ({ images: [{ name: "r.io/a", tags: [{ variable: "SHA", firstCharacters: 0 }] }] }),
      "images[0].tags[0].firstCharacters must be a whole number",
    ],
    ["a list's variable", () => ({ images: { variable: "a b" } }), "images.variable must be the name"],
    [
      "two registries for one password",
      () => ({
        images: [
          { name: "a.io/a", tags: ["1"] },
          { name: "b.io/a", tags: ["1"] },
        ],
      }),
      "images must be on one registry",
    ],
    ["a platform", () => ({ platforms: ["amd64"] }), "platforms[0] must be os/architecture"],
    ["an absolute path", () => ({ caFile: "/etc/ca.pem" }), "caFile must be a path in the workspace"],
    [
      "a way out",
      () => ({ digest: { kind: "file", path: "a/../../b" } }),
      "digest.path must be a path in the workspace",
    ],
    [
      "an option",
      () => ({ digest: { kind: "file", path: "-n" } }),
      "digest.path must be a path in the workspace",
    ],
    ["no wait", () => ({ recheckAfter: Duration.seconds(0) }), "recheckAfter must be longer than nothing"],
    ["too long a wait", () => ({ deadline: Duration.days(25) }), "deadline must be longer than nothing"],
    ["an address", () => ({ address: "10.0.20.10" }), "address must be host:port"],
    ["a floating image", () => ({ image: "node:22" }), "image must be pinned"],
    [
      "plain HTTP",
      () => ({ program: { kind: "url", url: "http://x.io/p", sha256: "0".repeat(64) } }),
      "program.url must be an https URL",
    ],
    [
      "credentials in a URL",
      () => ({ program: { kind: "url", url: "https://u:pass@x.io/p", sha256: "0".repeat(64) } }),
      'program.url must be an https URL, got "https://x.io/p"',
    ],
    [
      "a hash",
      () => ({ program: { kind: "url", url: "https://x.io/p", sha256: "0" } }),
      "program.sha256 must be 64",
    ],
    [
      "no program",
      () => ({ program: { kind: "inline", file: "no-such" } }),
      "program.file must be the compressed program",
    ],
  ];

  test.each(cases)("%s", (_name, more, message) => {
    const act = (): unknown => verifyPushStep(spec(more()));
    expect(act).toThrow(message);
  });

  test("secrets by their names, never a value", () => {
    const credentials = (username: string, password: string): VerifyPushSpec["credentials"] => ({
      kind: "secrets",
      username,
      password: { secret: password },
    });
    expect(() => verifyPushStep(spec({ credentials: credentials("", "p") }))).toThrow(
      "credentials.username must not be empty",
    );
    const act = (): unknown => verifyPushStep(spec({ credentials: credentials("ci", "hunter 2!") }));
    expect(act).toThrow("credentials.password.secret must be a secret's name");
    expect(act).not.toThrow("hunter");
  });

  test("a program that no environment could hold", () => {
    const file = join(folder, "large");
    writeFileSync(file, Buffer.alloc(100_000));
    expect(() => verifyPushStep(spec({ program: { kind: "inline", file } }))).toThrow(
      "as an environment variable holds",
    );
  });

  test("everything at once", () => {
    const act = (): unknown => verifyPushStep(spec({ images: [], platforms: ["x"], address: "y" }));
    expect(act).toThrow(/images must.*platforms\[0\] must.*address must/s);
  });
});
