import { findSecretValues } from "../secret-values";
import { CATALOG } from "./catalog/catalog";
import type { DomainRule } from "./domain-rule";
import { GENERATED_TESTS } from "./generated-tests";
import { MONITORING_RULES } from "./monitoring/monitoring-rules";
import { PINS } from "./pins/pins";
import { ACCESS } from "./pods/access";
import { POD_RESOURCES } from "./pods/pod-resources";
import { POD_SECURITY } from "./pods/pod-security";
import { PROGRAM } from "./program";
import { COMPOSE_SERVICES } from "./registry/compose-services";
import { FRONT } from "./registry/front";
import { HOST_AUDIT } from "./registry/host-audit";
import { MAINTENANCE } from "./registry/maintenance";
import { REGISTRY_CONFIG } from "./registry/registry-config";
import { HOST_RELEASE } from "./resources/host-release";
import { RESOURCE_REPLACED } from "./resources/resource-replaced";
import { secretRule } from "./secrets";

/** Every rule; the order does not matter, as changes are sorted. */
export const DOMAIN_RULES: readonly DomainRule[] = [
  ...MONITORING_RULES,
  PINS,
  POD_SECURITY,
  POD_RESOURCES,
  ACCESS,
  secretRule(findSecretValues),
  REGISTRY_CONFIG,
  COMPOSE_SERVICES,
  FRONT,
  HOST_AUDIT,
  MAINTENANCE,
  CATALOG,
  HOST_RELEASE,
  RESOURCE_REPLACED,
  PROGRAM,
  GENERATED_TESTS,
];
