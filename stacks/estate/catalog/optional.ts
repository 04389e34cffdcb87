import type { GroupDefinition } from "../../../lib/catalog/define-catalog";

import { optionalApplications } from "./optional-applications";
import { optionalServices } from "./optional-services";

export const optional = {
  title: "Optional",
  services: { ...optionalApplications, ...optionalServices },
} as const satisfies GroupDefinition;
