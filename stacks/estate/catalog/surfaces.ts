import type { Surface } from "../../../lib/catalog/catalog";

/** The first two are this repository's; the others are the estate's own. */
export const surfaces = [
  {
    surface: "Private Docker registry VM (10.0.20.10)",
    title: "registry-vm.md",
    href: "../../docs/runbooks/registry-vm.md",
  },
  {
    surface: "Rebuild after orphan-index incident",
    title: "registry-rebuild-image.md",
    href: "../../docs/runbooks/registry-rebuild-image.md",
  },
  {
    surface: "PVE host operations (backups, LVM)",
    title: "proxmox-host.md",
    href: "../../docs/runbooks/proxmox-host.md",
  },
  {
    surface: "NFS prerequisites and CSI mount options",
    title: "nfs-prerequisites.md",
    href: "../../docs/runbooks/nfs-prerequisites.md",
  },
  {
    surface: "pfSense + Unbound DNS",
    title: "pfsense-unbound.md",
    href: "../../docs/runbooks/pfsense-unbound.md",
  },
  {
    surface: "Mailserver PROXY-protocol / HAProxy",
    title: "mailserver-pfsense-haproxy.md",
    href: "../../docs/runbooks/mailserver-pfsense-haproxy.md",
  },
  {
    surface: "Technitium apply flow",
    title: "technitium-apply.md",
    href: "../../docs/runbooks/technitium-apply.md",
  },
] as const satisfies readonly Surface[];

/** Runbooks of the estate's own repository, which are linked and not kept here. */
export const externalRunbooks = [
  "docs/runbooks/proxmox-host.md",
  "docs/runbooks/nfs-prerequisites.md",
  "docs/runbooks/pfsense-unbound.md",
  "docs/runbooks/mailserver-pfsense-haproxy.md",
  "docs/runbooks/technitium-apply.md",
] as const;
