import type { Surface } from "../../../lib/catalog/catalog";
import type { Runbook } from "../../../lib/catalog/runbook";

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

/** Of the estate's own repository, which are linked and not kept here; when to use them follows from their surfaces. */
export const externalRunbooks = [
  {
    file: "docs/runbooks/proxmox-host.md",
    whenToUse: "A backup of the Proxmox host fails, or its LVM volumes need a hand.",
  },
  {
    file: "docs/runbooks/nfs-prerequisites.md",
    whenToUse: "A volume on NFS does not mount, or a new one is to be set up with its CSI mount options.",
  },
  {
    file: "docs/runbooks/pfsense-unbound.md",
    whenToUse: "Names do not resolve, or Unbound on pfSense is to be changed.",
  },
  {
    file: "docs/runbooks/mailserver-pfsense-haproxy.md",
    whenToUse: "Mail does not arrive through HAProxy, or the PROXY protocol hides who sends it.",
  },
  {
    file: "docs/runbooks/technitium-apply.md",
    whenToUse: "A change of Technitium's zones is to be applied.",
  },
] as const satisfies readonly Pick<Runbook, "file" | "whenToUse">[];
