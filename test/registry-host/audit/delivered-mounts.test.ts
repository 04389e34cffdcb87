import { auditFiles } from "../../../lib/registry-host/audit/audit-files";

function missing(files: Record<string, string>): string[] {
  const { findings } = auditFiles(Object.entries(files).map(([path, text]) => ({ path, text })));
  return findings
    .filter(({ rule }) => rule === "mount-not-delivered")
    .map(({ file, line }) => `${file}:${line}`);
}

const compose = (source: string) =>
  `services:\n  r:\n    image: registry:2.8.3\n    volumes:\n      - ${source}:/etc/docker/registry/config.yml\n`;

const provisioner = (source: string, destination: string) =>
  `resource "null_resource" "x" {\n  provisioner "file" {\n    source      = "${source}"\n    destination = "${destination}"\n  }\n}\n`;

describe("a mounted file of the host", () => {
  const files = (steps: string, more: Record<string, string> = {}) => ({
    "deploy/compose.yml": compose("/opt/registry/config.yml"),
    "deploy/steps.sh": `scp other.yml host:/opt/registry/other.yml\n${steps}\n`,
    ...more,
  });

  it("is missing where a step delivers another file into its folder", () => {
    expect(missing(files(""))).toEqual(["deploy/compose.yml:5"]);
  });

  it.each([
    "scp conf/config.yml host:/opt/registry/config.yml",
    "cp -r conf/ /opt/registry",
    "cp -a conf/. /opt/registry/",
    "cp --recursive conf /opt/registry",
    "cp conf/* /opt/registry/",
    "scp -r conf/ root@host:/opt/registry/",
    "rsync -az --delete conf/ host:/opt/",
  ])("is delivered by %s", (step) => {
    expect(missing(files(step))).toEqual([]);
  });

  it.each(["cp -r conf/ /opt/other", "scp conf/a host:/opt/registry/a", "cp /etc/hosts /opt/registry/"])(
    "is not delivered by %s",
    (step) => {
      expect(missing(files(step))).toEqual(["deploy/compose.yml:5"]);
    },
  );

  it.each<[string, string, string, string[]]>([
    ["a folder by its slash", "conf/", "/opt/registry", []],
    [`a folder of the repository`, `\${path.module}/conf`, "/opt/registry", []],
    ["a folder that goes elsewhere", "conf/", "/opt/other", ["deploy/compose.yml:5"]],
    ["another file", "conf/x.yml", "/opt/registry/x.yml", ["deploy/compose.yml:5"]],
  ])("and a provisioner with %s", (_, source, destination, expected) => {
    const more = { "deploy/main.tf": provisioner(source, destination), "deploy/conf/x.yml": "" };
    expect(missing(files("", more))).toEqual(expected);
  });

  it("is delivered by a copy step of Ansible whose source is a folder", () => {
    const play = "- copy:\n    src: conf/\n    dest: /opt/registry\n";
    expect(missing(files("", { "play.yml": play }))).toEqual([]);
    expect(missing(files("", { "play.yml": play.replace("conf/", "conf/x") }))).toHaveLength(1);
  });
});

describe("a file mounted from beside the compose file", () => {
  const files = (steps: string, more: Record<string, string> = {}) => ({
    "deploy/compose.yml": compose("./config.yml"),
    "deploy/config-private.yml": "a: b\n",
    "steps.sh": `${steps}\n`,
    ...more,
  });

  it("is missing where another of like name stands there", () => {
    expect(missing(files("true"))).toEqual(["deploy/compose.yml:5"]);
  });

  it("is not missed where it is there, or nothing of like name is", () => {
    expect(missing(files("true", { "deploy/config.yml": "" }))).toEqual([]);
    expect(missing({ "deploy/compose.yml": compose("./config.yml") })).toEqual([]);
  });

  it.each(["cp -r conf/ deploy/", "cp -r conf/. ./deploy", "rsync -a . host:/opt"])(
    "is delivered by %s",
    (step) => {
      expect(missing(files(step))).toEqual([]);
    },
  );

  it("is delivered by a copy of a folder that has a file of its name, wherever that goes", () => {
    expect(missing(files("scp -r conf host:/opt", { "conf/config.yml": "" }))).toEqual([]);
    expect(missing(files("", { "conf/config.yml": "", "m.tf": provisioner("conf", "/opt") }))).toEqual([]);
    expect(missing(files("scp -r conf host:/opt", { "conf/other.yml": "" }))).toHaveLength(1);
  });
});
