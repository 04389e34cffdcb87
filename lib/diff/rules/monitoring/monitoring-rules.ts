import type { DomainRule } from "../domain-rule";
import { acceptanceRule } from "./acceptance-rule";
import { alertsRule } from "./alerts-rule";
import { coverageRule } from "./coverage-rule";
import { dashboardRule } from "./dashboard-rule";
import { runbookRule } from "./runbook-rule";
import { scheduleRule } from "./schedule-rule";
import { scrapeRule } from "./scrape-rule";
import { shardsRule } from "./shards-rule";
import { timeToPageRule } from "./time-to-page-rule";

/** What the diff has to say of the probe, its alerts and what they stand on. */
export const MONITORING_RULES: readonly DomainRule[] = [
  alertsRule,
  timeToPageRule,
  scheduleRule,
  coverageRule,
  shardsRule,
  acceptanceRule,
  scrapeRule,
  dashboardRule,
  runbookRule,
];
