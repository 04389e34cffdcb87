import { printable } from "../../core/printable";
import { runbookTarget } from "../runbook-target";
import { atPath, atService, type CatalogRule } from "./catalog-rule";

export const unknownAlert: CatalogRule = {
  name: "unknown-alert",
  severity: "error",
  check: ({ services, alerts }) => {
    if (alerts === null) return [];
    const known = new Set(alerts.map(({ name }) => name));
    return services.flatMap((placed) =>
      placed.service.alerts.flatMap((alert, at) =>
        known.has(alert)
          ? []
          : [
              {
                message: `${printable(placed.service.name)} names the alert ${printable(alert)}, which no rule raises.`,
                fix: "Name an alert of the estate's rules, or remove it here.",
                where: atService(placed, "alerts", at),
              },
            ],
      ),
    );
  },
};

/** Of every known alert, whether a service names it or not: the page comes all the same. */
export const alertWithoutRunbook: CatalogRule = {
  name: "alert-without-runbook",
  severity: "error",
  check: ({ alerts, services, runbooks, externalRunbooks }) => {
    if (runbooks === null) return [];
    return (alerts ?? []).flatMap(({ name, runbook }) => {
      if (runbook !== null && (isThere(runbook, runbooks) || externalRunbooks.includes(runbook))) return [];
      const placed = services.find(({ service }) => service.alerts.includes(name));
      const at = placed?.service.alerts.indexOf(name) ?? 0;
      return [
        {
          message:
            runbook === null
              ? `The alert ${printable(name)} has no runbook_url that leads into the repository.`
              : `The runbook_url of the alert ${printable(name)} leads to ${printable(runbook)}, which is not there.`,
          fix: "Write that runbook, or give the alert another.",
          where: placed === undefined ? atPath([]) : atService(placed, "alerts", at),
        },
      ];
    });
  },
};

function isThere(link: string, runbooks: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const target = runbookTarget(link);
  if (target === null) return true;
  const anchors = runbooks.get(target.file);
  return anchors !== undefined && (target.anchor === null || anchors.has(target.anchor));
}
