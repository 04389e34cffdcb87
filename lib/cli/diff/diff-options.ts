import { Duration } from "../../core/duration";
import { GRADES, type Grade } from "../../diff/change";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";

const FORMATS = ["terminal", "markdown", "json"] as const;
/** Every diff is at least none: as a limit it would say nothing. */
const LIMITS = GRADES.filter((grade) => grade !== "none");

export interface DiffOptions {
  readonly source: DiffSource;
  readonly format: (typeof FORMATS)[number];
  /** Null for no limit. */
  readonly failOn: Grade | null;
}

export type DiffSource =
  | { readonly kind: "json"; readonly file: string }
  | {
      readonly kind: "outputs";
      /** Folders or revisions, as they were given. */
      readonly base: string;
      readonly head: string;
      readonly synth: SynthOptions;
    };

export interface SynthOptions {
  /** For sh; null for `app` of the revision's cdktf.json. */
  readonly command: string | null;
  readonly timeout: Duration;
}

/** @throws UsageError */
export function readDiffOptions(raw: RawArguments): DiffOptions {
  const reader = new OptionReader(raw.values);
  return {
    source: readSource(raw, reader),
    format: reader.choice("format", FORMATS, "terminal"),
    failOn: reader.text("fail-on") === null ? null : reader.choice("fail-on", LIMITS, "danger"),
  };
}

function readSource({ positionals, values }: RawArguments, reader: OptionReader): DiffSource {
  const file = reader.text("from-json");
  if (file !== null) {
    const [extra] = positionals;
    if (extra !== undefined)
      throw new UsageError(`diff --from-json compares nothing, got also ${quoted(extra)}`);
    const other = ["synth", "timeout"].find((name) => values[name] !== undefined);
    if (other !== undefined)
      throw new UsageError(`--${other} does not belong to diff --from-json: it runs nothing`);
    return { kind: "json", file };
  }
  const [base, head, ...more] = positionals;
  if (base === undefined || head === undefined || more.length > 0) {
    const got = positionals.length === 0 ? "" : `, got ${positionals.map(quoted).join(" ")}`;
    throw new UsageError(`diff needs two outputs or revisions${got}: as \`tallyman diff main HEAD\``);
  }
  const command = reader.text("synth");
  if (command?.trim() === "") throw new UsageError('--synth must be a shell command, got ""');
  const timeout = reader.duration("timeout", Duration.minutes(10), Duration.seconds(1));
  return { kind: "outputs", base, head, synth: { command, timeout } };
}
