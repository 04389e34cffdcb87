import { type Delta, withoutDocuments } from "../delta";
import { judged } from "./common/statement";
import type { DomainRule } from "./domain-rule";

/** The program that an infrastructure carries, wherever it stands: its file, its ConfigMap, what its hash is noted in. */
export const PROGRAM: DomainRule = {
  name: "program",
  judge: ({ deltas }) => {
    const own = deltas.filter(isOfProgram);
    const hashes = deltas.filter(isHashOfProgram);
    const covers = [...own, ...hashes];
    // A hash alone says that a file differs which the output does not show. Where Terraform applies it, it is told.
    const first = covers.find(({ place }) => place.kind === "resource") ?? covers[0];
    if (first === undefined) return [];
    const text =
      "The program that the probe, the host or a pipeline runs is another build; pods that run it are replaced.";
    const steps = first.path.map((name) => ({ name, aliases: [] }));
    const words = { subject: "", before: null, after: null, text };
    return judged([{ grade: "info", kind: "program_changed", place: first.place, steps, ...words, covers }]);
  },
};

const PROGRAM_FILE = /^tallyman(?:-host)?\.mjs$/;

function isOfProgram({ place, path, before, after }: Delta): boolean {
  if (before === undefined || after === undefined) return false;
  const names = withoutDocuments(path);
  // A pipeline's step carries it compressed.
  if (names.at(-1) === "TALLYMAN_PROGRAM") return true;
  if (place.kind === "artifact") return /(?:^|\/)tallyman(?:-host)?\.mjs$/.test(place.path);
  const isIn = names[0] === "data" || names[0] === "binary_data" || names[0] === "triggers_replace";
  return place.kind === "resource" && isIn && names.length === 2 && PROGRAM_FILE.test(names[1] ?? "");
}

function isHashOfProgram({ place, path }: Delta): boolean {
  return place.kind === "resource" && path.includes("annotations") && path.at(-1) === "checksum/program";
}
