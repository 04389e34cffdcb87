import type { Delta } from "../delta";
import { EMBEDDED } from "../output";
import { judged, type Statement } from "./common/statement";
import type { DomainRule } from "./domain-rule";

/** The program that an infrastructure carries, wherever it stands: its file, its ConfigMap, what its hash is noted in. */
export const PROGRAM: DomainRule = {
  name: "program",
  judge: ({ deltas }) => {
    const own = deltas.filter(isOfProgram);
    const hashes = deltas.filter(isHashOfProgram);
    // A hash alone says that a file differs which the output does not show.
    const [first] = [...own, ...hashes];
    if (first === undefined) return judged(generatedTests(deltas));
    const text =
      "The program that the probe runs, or the host's own, is another build; its pods are replaced.";
    const words = { subject: "", before: null, after: null, text };
    const statements = [...own, ...hashes].map(({ place, path }): Statement => {
      const steps = path.map((name) => ({ name, aliases: [] }));
      const covers = [...own, ...hashes];
      return { grade: "info", kind: "program_changed", place, steps, ...words, covers };
    });
    return judged([...statements, ...generatedTests(deltas)]);
  },
};

const PROGRAM_FILE = /^tallyman(?:-host)?\.mjs$/;

function isOfProgram({ place, path, before, after }: Delta): boolean {
  if (before === undefined || after === undefined) return false;
  if (place.kind === "artifact") return /(?:^|\/)tallyman(?:-host)?\.mjs$/.test(place.path);
  const names = path.filter((name) => name !== EMBEDDED);
  const isIn = names[0] === "data" || names[0] === "binary_data" || names[0] === "triggers_replace";
  return place.kind === "resource" && isIn && names.length === 2 && PROGRAM_FILE.test(names[1] ?? "");
}

function isHashOfProgram({ place, path }: Delta): boolean {
  return place.kind === "resource" && path.includes("annotations") && path.at(-1) === "checksum/program";
}

/** Proofs of rules that follow from them: told where the rules beside them are the same. */
function generatedTests(deltas: readonly Delta[]): readonly Statement[] {
  const changed = new Set(deltas.flatMap(({ place }) => (place.kind === "artifact" ? [place.path] : [])));
  return [...changed]
    .filter((path) => /(?:^|\/)rules\.test\.ya?ml$/.test(path))
    .filter((path) => !changed.has(path.replace(/\.test\.(ya?ml)$/, ".$1")))
    .flatMap((path): readonly Statement[] => {
      const place = { kind: "artifact", path } as const;
      const covers = deltas.filter((one) => one.place.kind === "artifact" && one.place.path === path);
      // Come or gone as a whole is said of a file in any case.
      if (
        covers.some((one) => one.path.length === 0 && (one.before === undefined || one.after === undefined))
      )
        return [];
      const text = `The tests of the rules in ${path} are written anew; the rules themselves are the same.`;
      const words = { subject: path, before: null, after: null, text };
      return [{ grade: "info", kind: "generated_changed", place, steps: [], ...words, covers }];
    });
}
