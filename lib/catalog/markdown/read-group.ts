import { nodesWithin } from "../../text/markdown/nodes-within";
import type { CatalogService } from "../catalog";
import type { MarkdownSource } from "./markdown-source";
import type { TableRow } from "./read-table";
import { readServiceRow } from "./service-row";

export function readServices(source: MarkdownSource, rows: readonly TableRow[]): readonly CatalogService[] {
  return rows.flatMap(({ cells, sources: [name = "", description = "", stack = ""] }) => {
    const far = cells.flatMap(nodesWithin).find(({ type }) => /Reference$/.test(type));
    if (far !== undefined) {
      const fix = "Write the address in the link itself: [words](address).";
      source.wrong(far.position.start, "this link's address stands elsewhere in the text", fix);
      return [];
    }
    const reading = readServiceRow([name, description, stack]);
    if ("service" in reading) return [reading.service];
    const cell = cells[reading.column];
    const place = cell?.children?.[0]?.position.start ?? cell?.position.start;
    if (place !== undefined) source.wrong(place, reading.wrong, reading.fix);
    return [];
  });
}
