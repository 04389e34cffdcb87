import type { StandInHost } from "./stand-in-host";

const REGISTRIES = ["dockerhub", "ghcr", "quay", "k8s", "kyverno", "private"];
const SERVICES = [...REGISTRIES, "nginx", "ui"].map((name) => `registry-${name}`);

function crontabOf(root: string): string {
  const collections = REGISTRIES.map(
    (name, i) =>
      `${5 * i} 3 * * 0 docker exec registry-${name} registry garbage-collect -m /etc/docker/registry/config.yml`,
  );
  return `${[
    "# m h dom mon dow command",
    `0 2 * * * ${root}/cleanup-tags.sh 10 >> /var/log/registry-cleanup.log 2>&1`,
    `30 2 * * 1-6 ${root}/fix-broken-blobs.sh`,
    `30 3 * * 0 ${root}/fix-broken-blobs.sh`,
    ...collections,
    "15 4 * * * apt-get clean",
  ].join("\n")}\n`;
}

function imageOf(service: string): string {
  if (service === "registry-nginx") return "nginx:alpine";
  return service === "registry-ui" ? "joxit/docker-registry-ui:latest" : "registry:2.8.3";
}

/** The files of a host that was built by hand, with the cron lines that broke it; as the estate had them. */
export function prepareSeedHost(host: StandInHost): void {
  const { root } = host;
  host.write(
    "registry/docker-compose.yml",
    `services:\n${SERVICES.map(
      (name) => `  ${name}:\n    container_name: ${name}\n    image: ${imageOf(name)}\n    restart: always\n`,
    ).join("")}`,
  );
  host.write("registry/nginx.conf", "events {}\n");
  host.write("registry/config-private.yml", "version: 0.1\n");
  host.write("registry/auth/htpasswd", "user:hash\n");
  host.write(
    "registry/cleanup-tags.sh",
    `#!/bin/sh\nBASE=${root}/data\nrm -rf "$BASE/private/docker/registry/v2/x"\n`,
  );
  host.write("registry/fix-broken-blobs.sh", `#!/bin/sh\nfind ${root}/data -name link\n`);
  host.write("registry/data/private/docker/registry/v2/blob", "bytes");
  host.write(
    "etc/systemd/system/docker-compose-registry.service",
    "[Unit]\nDescription=by hand\n[Install]\n",
  );
  host.write("etc/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n");
  host.write("etc/cron.d/backup", `0 5 * * * root rsync -a ${root}/data/ nas:/registry/\n`);
  host.write("etc/cron.daily/apt", "#!/bin/sh\napt-get update\n");
  host.write("etc/crontab", `17 * * * * root cd / && run-parts /etc/cron.hourly\n`);
  host.setCrontab(crontabOf(root));
  host.setContainers(SERVICES.map((name) => `${name}|registry|${name}|False`));
  host.setRunning("0");
}

/** As `adopt.remove` names them: every line that cleans or collects. */
export function seedRemovals({ root }: StandInHost): string[] {
  return crontabOf(root)
    .split("\n")
    .filter((line) => /cleanup-tags|fix-broken-blobs|garbage-collect/.test(line))
    .map((line) => `crontab: ${line}`);
}

/** As `adopt.keep` names it. */
export const SEED_KEEPS: readonly string[] = ["/etc/cron.d/backup"];
