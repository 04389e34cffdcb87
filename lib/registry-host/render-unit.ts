import { COMPOSE_FILE, currentRelease } from "./host-paths";
import type { RegistryHostSpec } from "./host-spec";

/**
 * The unit that starts the release in force at boot.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
 */
export function renderUnit(spec: RegistryHostSpec): string {
  const compose = `/usr/bin/docker compose -p ${spec.project} -f ${currentRelease(spec)}/${COMPOSE_FILE}`;
  return `[Unit]
Description=Container registry host (Compose project ${spec.project})
Requires=docker.service
After=docker.service network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=900
TimeoutStopSec=180
ExecStart=${compose} up -d --wait
ExecReload=${compose} up -d --wait
ExecStop=${compose} stop

[Install]
WantedBy=multi-user.target
`;
}

/** For the logs that the host's own scripts leave; those of the containers are bounded by Docker itself. */
export function renderLogrotate(spec: RegistryHostSpec): string {
  return `${spec.root}/log/*.log {
    weekly
    rotate 8
    compress
    delaycompress
    missingok
    notifempty
    copytruncate
}
`;
}
