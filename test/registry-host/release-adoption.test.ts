import { existsSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { checkAdoption } from "../../lib/registry-host/check-adoption";
import { activate } from "../support/activate";
import { prepareSmallHost, sixRegistries } from "../support/estate-host";
import { prepareSeedHost, SEED_KEEPS, seedRemovals } from "../support/seed-host";
import { StandInHost } from "../support/stand-in-host";

const UNIT = "etc/systemd/system/docker-compose-registry.service";

let host: StandInHost;

beforeEach(() => {
  host = StandInHost.create();
  prepareSmallHost(host);
  prepareSeedHost(host);
});

afterEach(() => {
  host.remove();
});

const named = () => ({ remove: seedRemovals(host), keep: SEED_KEEPS });

test("what works on the same registry stops it, with file, line and text, and nothing changes", async () => {
  const crontab = host.crontab();
  const unit = host.read(UNIT);
  const { code, output } = await activate(host, sixRegistries(host));
  expect(code).toBe(1);
  const { root } = host;
  expect(output).toContain(`crontab:2: 0 2 * * * ${root}/cleanup-tags.sh 10`);
  expect(output).toContain(`calls ${root}/cleanup-tags.sh:2: BASE=${root}/data`);
  expect(output).toContain("crontab:5: 0 3 * * 0 docker exec registry-dockerhub registry garbage-collect -m");
  expect(output).toContain(`/etc/cron.d/backup:1: 0 5 * * * root rsync -a ${root}/data/`);
  expect(output).not.toMatch(/apt|run-parts|sshd/);
  expect(output).toContain("adopt.remove");
  expect([host.running(), host.current(), host.crontab(), host.read(UNIT)]).toEqual([
    "0",
    null,
    crontab,
    unit,
  ]);
});

test("named, it is adopted: release 0 holds what ran, and what was named goes", async () => {
  const unit = host.read(UNIT);
  const { code, id } = await activate(host, sixRegistries(host), named());
  expect(code).toBe(0);
  expect(host.running()).toBe(id);
  expect(host.crontab()).toBe("# m h dom mon dow command\n15 4 * * * apt-get clean\n");
  expect(existsSync(join(host.etc, "cron.d/backup"))).toBe(true);
  expect(host.read(UNIT)).toContain("/current/docker-compose.yml");
  const saved = (path: string) => host.read(`registry/releases/0/${path}`);
  expect(saved("docker-compose.yml")).toBe(host.read("registry/docker-compose.yml"));
  expect(saved("auth/htpasswd")).toBe("user:hash\n");
  expect(saved("units/systemd/system/docker-compose-registry.service")).toBe(unit);
  for (const left of ["data", "secrets", "releases", "activation"]) expect(saved(left)).toBeNull();
  expect(host.read("registry/data/private/docker/registry/v2/blob")).toBe("bytes");
  const retired = readdirSync(join(host.root, "retired"));
  expect(retired.map((name) => host.read(`registry/retired/${name}`)).join("")).toContain("cleanup-tags.sh");
});

test("a release that does not work leaves the host as it ran by hand", async () => {
  const before = [host.crontab(), host.read(UNIT)];
  host.setStatus(5050, 200);
  const { code, output } = await activate(host, sixRegistries(host), named());
  expect(code).toBe(1);
  expect(output).toContain("going back to release 0");
  expect([host.running(), host.current()]).toEqual(["0", null]);
  expect([host.crontab(), host.read(UNIT)]).toEqual(before);
  expect(host.calls()).toContainEqual(
    `docker compose -p registry --project-directory ${host.root} -f ${host.root}/releases/0/docker-compose.yml up -d --remove-orphans`,
  );
  const note = "note: release 0 runs, but does not answer as above";
  expect(output).toMatch(new RegExp(`private must answer 401 .*, got 200\n.*${note}\n$`));
  expect(host.calls().filter((call) => call.startsWith("systemctl start"))).toHaveLength(2);
  // Files that were changed by hand since then are those that are saved.
  host.setStatus(5050, 401);
  host.write("registry/nginx.conf", "events { worker_connections 9; }\n");
  const again = await activate(host, sixRegistries(host), named());
  expect(again.code).toBe(0);
  expect(host.read("registry/releases/0/nginx.conf")).toContain("worker_connections 9");
});

test("the second release goes back to the first, and release 0 goes once two others can be chosen from", async () => {
  const how = { ...named(), keepReleases: 2 };
  const first = await activate(host, sixRegistries(host), how);
  expect(existsSync(join(host.root, "releases/0"))).toBe(true);
  host.failAt(" up -d");
  host.forgetCalls();
  const bad = await activate(host, { ...sixRegistries(host), metrics: { port: 5002 } }, how);
  expect(bad.code).toBe(1);
  expect(host.running()).toBe(first.id);
  expect(host.calls()).toContainEqual("systemctl start docker-compose-registry.service");
  expect(bad.output).toMatch(new RegExp(`release ${first.id} runs again\n$`));
  // By the ports of the release that runs, not of the one that failed.
  const asked = host.calls().filter((call) => call.includes("curl"));
  expect(asked.some((call) => call.includes(":5002/"))).toBe(false);
  await activate(host, { ...sixRegistries(host), metrics: { port: 5003 } }, how);
  expect(existsSync(join(host.root, "releases/0"))).toBe(false);
});

test.each([
  [
    "a unit",
    "etc/systemd/system/registry-gc.service",
    "[Service]\nExecStart=/bin/sh -c 'docker exec registry-private registry garbage-collect /etc/config.yml'\n",
    "registry-gc.service",
  ],
  [
    "a drop-in of our own unit",
    "etc/systemd/system/docker-compose-registry.service.d/more.conf",
    "[Service]\nExecStartPost=docker exec registry-private registry garbage-collect -m /c\n",
    "docker-compose-registry.service.d/more.conf",
  ],
  [
    "a daily script",
    "etc/cron.daily/registry",
    "#!/bin/sh\ndocker exec registry-private registry garbage-collect --delete-untagged /c\n",
    "/etc/cron.daily/registry",
  ],
])("%s is refused by its name, and retired by it", async (_, path, text, name) => {
  host.write(path, text);
  const refused = await activate(host, sixRegistries(host), named());
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.output).toContain(`  ${name}\n`);
  const how = { ...named(), remove: [...seedRemovals(host), name] };
  expect(await activate(host, sixRegistries(host), how)).toMatchObject({ code: 0 });
  expect(host.read(path)).toBeNull();
  expect(host.read(`registry/retired/${path}`)).toBe(text);
});

test("a line of /etc/crontab goes alone, tabs and quotes and all", async () => {
  const line =
    "5 3 * * 0\troot\tdocker exec registry-private sh -c 'registry garbage-collect -m \"$CONFIG\" \\\\x'";
  host.write("etc/crontab", `17 * * * * root true\n${line}\n`);
  const name = `/etc/crontab: ${line.replaceAll("\t", " ")}`;
  const refused = await activate(host, sixRegistries(host), named());
  expect(refused.output).toContain(`  ${name}\n`);
  const how = { ...named(), remove: [...seedRemovals(host), name] };
  expect(await activate(host, sixRegistries(host), how)).toMatchObject({ code: 0 });
  expect(host.read("etc/crontab")).toBe("17 * * * * root true\n");
});

describe("a job that undoes the release", () => {
  const refused = async () => (await activate(host, sixRegistries(host), named())).output;

  test.each([
    ["cd $ROOT && docker compose pull && docker compose up -d", true],
    ["cd $ROOT", true],
    ["tar -C$ROOT -cf /backup.tar .", true],
    ["cd $ROOT-old && docker compose up -d", false],
    ["docker compose -p registry up -d", true],
    ["docker compose -pregistry up -d", true],
    ["docker-compose --project-name='registry' down", true],
    ["COMPOSE_PROJECT_NAME=registry docker compose up -d", true],
    ["docker compose -p registry-old up -d", false],
    ["mkdir -p registry && docker compose up -d", false],
    ["docker exec registry-private rm -rf /var/lib/registry/docker", true],
    ["docker rm -f 'registry-nginx'", true],
    ["docker exec my-registry-private true", false],
    ["docker pull example.com/registry-private:1", false],
    ["systemctl status registry-private", false],
  ])("as a line of the crontab: %s: %s", async (command, isFound) => {
    const line = `0 4 * * * ${command.replace("$ROOT", host.root)}`;
    host.setCrontab(`${host.crontab() ?? ""}${line}\n`);
    const found = (await refused()).includes(`  crontab: ${line}\n`);
    // Where nothing is found, the host was activated.
    expect([found, host.current() === null]).toEqual([isFound, isFound]);
  });

  test("as a unit that works in the root", async () => {
    host.write(
      "etc/systemd/system/up.service",
      `[Service]\nWorkingDirectory=${host.root}\nExecStart=/usr/bin/docker compose up -d\n`,
    );
    expect(await refused()).toContain(
      `  up.service\n    /etc/systemd/system/up.service:2: WorkingDirectory=${host.root}\n`,
    );
  });

  test("as a script that names the root apart from what it deletes", async () => {
    host.write("tools/clean.sh", `#!/bin/sh\nD=${host.root}; rm -rf $D/data/x\n`);
    host.write("etc/cron.d/clean", `0 4 * * * root ${host.folder}/tools/clean.sh\n`);
    const why = `calls ${host.folder}/tools/clean.sh:2: D=${host.root}; rm -rf $D/data/x`;
    expect(await refused()).toContain(`  /etc/cron.d/clean\n    /etc/cron.d/clean ${why}\n`);
  });

  test("as a line of /etc/anacrontab, which goes alone", async () => {
    const line = `1 5 registry cd ${host.root} && docker compose up -d`;
    host.write("etc/anacrontab", `SHELL=/bin/sh\n${line}\n`);
    const name = `/etc/anacrontab: ${line}`;
    expect(await refused()).toContain(`  ${name}\n`);
    const how = { ...named(), remove: [...seedRemovals(host), name] };
    expect(await activate(host, sixRegistries(host), how)).toMatchObject({ code: 0 });
    expect(host.read("etc/anacrontab")).toBe("SHELL=/bin/sh\n");
  });

  test.each(["crontabs/deploy", "deploy"])(
    "as a line of another user's: %s, which can be kept",
    async (path) => {
      const line = "0 4 * * * docker compose -p registry up -d";
      host.write(`var/spool/cron/${path}`, `MAILTO=ops\n${line}\n`);
      const name = `crontab deploy: ${line}`;
      expect(await refused()).toContain(`  ${name}\n    crontab deploy:2: ${line}\n`);
      const how = { ...named(), keep: [...SEED_KEEPS, name] };
      expect(await activate(host, sixRegistries(host), how)).toMatchObject({ code: 0 });
      expect(host.read(`var/spool/cron/${path}`)).toBe(`MAILTO=ops\n${line}\n`);
    },
  );

  test("but not the files and units of the release itself, once and again, nor the own crontab twice", async () => {
    const unit = join(host.folder, UNIT);
    host.setCrontab(`0 4 * * * cp ${unit} /backup\n`);
    host.write(`var/spool/cron/crontabs/${userInfo().username}`, `0 4 * * * ls ${host.root}\n`);
    for (const port of [5002, 5003]) {
      const options = { ...sixRegistries(host), metrics: { port } };
      expect(await activate(host, options, { keep: SEED_KEEPS })).toMatchObject({ code: 0 });
    }
  });
});

test("another user's line is kept or taken out by hand, never retired", () => {
  const name = "crontab deploy: 0 4 * * * x";
  expect(checkAdoption({ keep: [name, "/etc/anacrontab: 1 5 a b"] })).toEqual([]);
  expect(checkAdoption({ remove: [name] })).toMatchObject([{ path: "adopt.remove[0]", value: name }]);
  expect(checkAdoption({ keep: ["crontab de ploy: x"] })).toMatchObject([{ path: "adopt.keep[0]" }]);
});

test("a container of the project that the release does not describe", async () => {
  host.setContainers(["registry-old|registry|registry-old|False", "registry-run-1|registry|x|True"]);
  const refused = await activate(host, sixRegistries(host), named());
  expect(refused.output).toContain("  container: registry-old\n");
  expect(refused.output).not.toContain("registry-run-1");
  const how = { ...named(), remove: [...seedRemovals(host), "container: registry-old"] };
  expect(await activate(host, sixRegistries(host), how)).toMatchObject({ code: 0 });
});

test("a project that runs from elsewhere is not taken for a fresh host", async () => {
  const other = { ...sixRegistries(host), root: `${host.folder}/elsewhere` };
  host.write("elsewhere/secrets/maintenance/username", "nobody");
  const { code, output } = await activate(host, other);
  expect(code).toBe(1);
  expect(output).toContain("but no compose file in");
});
