import { figure } from "../report/figures";
import type { Table } from "../report/record";
import { PROGRAMS, type Program, total } from "./estate-runs";

/** What has less of the estate's time stands together. */
const LEAST_SHARE = 0.01;

/** The parts of each program's time, the estate's largest first. */
export function profileTable(parts: Readonly<Record<Program, ReadonlyMap<string, number>>>): Table {
  const whole = total(parts.estate);
  const row = (
    name: string,
    ofProgram: (parts: ReadonlyMap<string, number>) => number,
  ): readonly string[] => [
    name,
    ...PROGRAMS.map((program) => figure(ofProgram(parts[program]))),
    `${figure((100 * ofProgram(parts.estate)) / whole)} %`,
  ];
  const shown = [...parts.estate]
    .filter(([, ms]) => ms >= LEAST_SHARE * whole)
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => name);
  const rest = (all: ReadonlyMap<string, number>): number =>
    total(new Map([...all].filter(([name]) => !shown.includes(name))));
  return {
    head: [
      "ms of a profile's samples",
      "the bare require",
      "the raw resources",
      "the estate",
      "of the estate",
    ],
    rows: [
      ...shown.map((name) => row(name, (all) => all.get(name) ?? 0)),
      row("all else", rest),
      row("together", total),
    ],
  };
}
