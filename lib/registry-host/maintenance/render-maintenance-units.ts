/**
 * systemd's files of the maintenance.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
 */
import { currentRelease } from "../host-paths";
import type { RegistryHostSpec } from "../host-spec";
import type { Maintenance } from "./maintenance";

/** More than all the time limits of one registry together: the script's own limits come first, and say more. */
const SECONDS_PER_REGISTRY = 10 * 3_600;

/** Whatever ends the run, its last command brings every registry back read-write. */
export function renderMaintenanceUnit(spec: RegistryHostSpec, registries: number): string {
  const script = `${currentRelease(spec)}/maintenance/maintain.sh`;
  return `[Unit]
Description=Maintenance of the registries (Compose project ${spec.project})
Requires=docker.service
After=docker.service network-online.target ${spec.unit}
Wants=network-online.target

[Service]
Type=oneshot
ExecStart=/bin/sh ${script}
ExecStopPost=/bin/sh ${script} --recover
# Another run, or an activation, was under way.
SuccessExitStatus=75
TimeoutStartSec=${registries * SECONDS_PER_REGISTRY}
TimeoutStopSec=900
KillMode=control-group
${HARDENING}${writablePaths(spec)}`;
}

/** A reboot in the middle of a run ends no ExecStopPost: this does, before anybody looks at the metrics. */
export function renderRecoveryUnit(spec: RegistryHostSpec): string {
  return `[Unit]
Description=End of a maintenance that a reboot cut off (Compose project ${spec.project})
Requires=docker.service
After=docker.service network-online.target ${spec.unit}
Before=registry-maintenance.service

[Service]
Type=oneshot
ExecStart=/bin/sh ${currentRelease(spec)}/maintenance/maintain.sh --recover
TimeoutStartSec=900
${HARDENING}${writablePaths(spec)}
[Install]
WantedBy=multi-user.target
`;
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html */
export function renderMaintenanceTimer(maintenance: Maintenance): string {
  const [weekday, time] = maintenance.calendar.split(" ");
  return `[Unit]
Description=Weekly maintenance of the registries

[Timer]
OnCalendar=${weekday} *-*-* ${time}:00
Persistent=true
RandomizedDelaySec=60
Unit=registry-maintenance.service

[Install]
WantedBy=timers.target
`;
}

/** All work on data is done by containers: the script itself needs the socket of Docker and three folders. */
const HARDENING = `NoNewPrivileges=true
PrivateTmp=true
ProtectHome=read-only
ProtectSystem=strict
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectControlGroups=true
RestrictSUIDSGID=true
RestrictRealtime=true
LockPersonality=true
UMask=0022
`;

function writablePaths(spec: RegistryHostSpec): string {
  return `ReadWritePaths=${spec.root} ${spec.dataRoot} -${spec.textfileDirectory}\n`;
}
