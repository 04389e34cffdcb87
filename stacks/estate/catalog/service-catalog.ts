import type { AlertRef } from "../../../lib/core/references";
import { activeUse } from "./active-use";
import { admin } from "./admin";
import { domains } from "./domains";
import { networkAndAuth } from "./network-and-auth";
import { optional } from "./optional";
import { registryGroup } from "./registry";
import { sections } from "./sections";
import { storageAndSecurity } from "./storage-and-security";
import { externalRunbooks, surfaces } from "./surfaces";

/** All services of the estate, and where they are looked up. */
export const catalogEstate = {
  /** Of the site. */
  namespace: "monitoring",
  baseDomain: "viktorbarzin.me",
  runbookFolder: "docs/runbooks",
  postMortemFolder: "docs/post-mortems",
  externalRunbooks,
  // No `stacks`: the services' stacks are directories of the estate's own repository, which nobody here can list.
  /** Kyverno sets it on every pod of the cluster. */
  setByPolicy: ["spec[0].template[0].spec[0].dns_config"],
  /** @param registryAlerts what the library raises on the registry */
  definition: (registryAlerts: readonly AlertRef[]) =>
    ({
      groups: [networkAndAuth, storageAndSecurity, admin, activeUse, optional, registryGroup(registryAlerts)],
      domains,
      surfaces,
      sections,
    }) as const,
} as const;
