import { plainText } from "../../text/markdown/plain-text";
import type { Surface } from "../catalog";
import { type MarkdownSource, shown } from "./markdown-source";
import type { TableRow } from "./read-table";

export function readSurfaces(source: MarkdownSource, rows: readonly TableRow[]): readonly Surface[] {
  return rows.flatMap(({ cells: [nameCell, linkCell], sources }) => {
    if (nameCell === undefined || linkCell === undefined) return [];
    const surface = plainText(nameCell.children ?? []);
    if (surface === null || surface === "") {
      const fix = "Write words without mark-up; the link stands in the second column.";
      source.wrong(nameCell.position.start, `${shown(sources[0] ?? "")} is no surface`, fix);
      return [];
    }
    const [link, ...more] = linkCell.children ?? [];
    const title = link?.type === "link" ? plainText(link.children ?? []) : null;
    const hasTooltip = typeof link?.title === "string";
    if (title === null || more.length > 0 || hasTooltip) {
      const fix = "Write one link, as [registry-vm.md](../../docs/runbooks/registry-vm.md).";
      source.wrong(linkCell.position.start, `${shown(sources[1] ?? "")} is no link to a runbook`, fix);
      return [];
    }
    return [{ surface, title, href: link?.url ?? "" }];
  });
}
