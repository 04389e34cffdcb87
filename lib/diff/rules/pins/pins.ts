import { DeltaIndex } from "../common/delta-index";
import { deltasThatFollow } from "../common/following";
import { placePairs } from "../common/place-pairs";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule, RuleInput } from "../domain-rule";
import { findPins } from "./find-pins";
import { judgePin } from "./judge-pin";

/** Images, charts and actions that lost their pin, float, or moved. */
export const PINS: DomainRule = {
  name: "pins",
  judge: (input) => {
    const statements = statementsOf(input);
    return judged([...statements, ...textsThatFollow(input, statements)]);
  },
};

function statementsOf(input: RuleInput): readonly Statement[] {
  const index = DeltaIndex.of(input);
  return placePairs(input).flatMap((pair) => {
    const before = findPins(pair.base, pair.type);
    return [...findPins(pair.head, pair.type)].flatMap(([key, pin]): readonly Statement[] => {
      const old = before.get(key) ?? null;
      const covers = (old === null ? [] : [...pin.parts, ...old.parts]).flatMap((steps) =>
        index.below(pair.place, steps),
      );
      return judgePin(old?.reference ?? null, pin.reference).map(({ grade, kind, text }) => ({
        grade,
        kind,
        subject: "",
        place: pair.place,
        steps: pin.steps,
        before: old === null ? null : shown(old.reference.text),
        after: shown(pin.reference.text),
        text,
        covers,
      }));
    });
  });
}

/** Scripts carry the same names as text: one that differs by them alone is no change of its own. */
function textsThatFollow(input: RuleInput, statements: readonly Statement[]): readonly Statement[] {
  const moves = statements.flatMap(({ before, after }) =>
    before === null || after === null ? [] : [{ before, after }],
  );
  const [first] = statements;
  const covers = deltasThatFollow(input, moves);
  return first === undefined || covers.length === 0 ? [] : [{ ...first, covers }];
}
