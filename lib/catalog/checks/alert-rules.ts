import { printable } from "../../core/printable";
import { runbookOf } from "../../core/references";
import { runbookTarget } from "../runbook-target";
import { atPath, atService, type CatalogPlace, type CatalogRule } from "./catalog-rule";

export const unknownAlert: CatalogRule = {
  name: "unknown-alert",
  severity: "error",
  needs: ["alerts"],
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

/**
 * Of every known alert, whether a service names it or not: the page comes all the same. Where the alerts are not
 * known, those that services name, with the runbooks that their names imply.
 */
export const alertWithoutRunbook: CatalogRule = {
  name: "alert-without-runbook",
  severity: "error",
  needs: ["alerts", "runbooks"],
  check: ({ alerts, services, runbooks, externalRunbooks }) => {
    const places = new Map<string, CatalogPlace>();
    for (const placed of services) {
      placed.service.alerts.forEach((name, at) => {
        if (!places.has(name)) places.set(name, atService(placed, "alerts", at));
      });
    }
    const all = alerts ?? [...places.keys()].map((name) => ({ name, runbook: runbookOf(name).path }));
    return all.flatMap(({ name, runbook }) => {
      if (runbook !== null && (runbooks === null || isThere(runbook, runbooks, externalRunbooks))) return [];
      const lead = alerts === null ? "The name" : "The runbook_url";
      return [
        {
          message:
            runbook === null
              ? `The alert ${printable(name)} has no runbook_url that leads into the repository.`
              : `${lead} of the alert ${printable(name)} leads to ${printable(runbook)}, which is not there.`,
          fix: "Write that runbook, or give the alert another.",
          where: places.get(name) ?? atPath([]),
        },
      ];
    });
  },
};

function isThere(
  link: string,
  runbooks: ReadonlyMap<string, ReadonlySet<string>>,
  externalRunbooks: readonly string[],
): boolean {
  const target = runbookTarget(link);
  if (target === null || externalRunbooks.includes(target.file)) return true;
  const anchors = runbooks.get(target.file);
  return anchors !== undefined && (target.anchor === null || anchors.has(target.anchor));
}
