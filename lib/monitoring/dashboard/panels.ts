import { LABEL_INSTANCE } from "../../integrity/contract";
import { turnsOf } from "../alerts/turns";
import { shardsOf } from "../probe-run";
import type { DashboardSpec } from "./dashboard-spec";
import { DashboardQueries } from "./queries";

export type PanelKind = "state" | "lines" | "table";

export interface PanelQuery {
  readonly expr: string;
  /** Grafana's form, `{{instance}}`. */
  readonly legend: string;
}

export interface PanelSpec {
  readonly title: string;
  readonly kind: PanelKind;
  readonly description: string;
  readonly queries: readonly PanelQuery[];
  /** Grafana's name of the unit; default a plain number. */
  readonly unit?: "s" | "percentunit";
  /** Of a table; default what is broken, by its image, with its runbook. */
  readonly rows?: "shards" | "slices";
  /** In Grafana's grid of 24 columns; two panels of 12 stand beside one another. */
  readonly width: 12 | 24;
  readonly height: number;
}

const HERE = `{{${LABEL_INSTANCE}}}`;

/** From the verdict down to what it rests on. */
export function panelSpecs(spec: DashboardSpec): readonly PanelSpec[] {
  const { interval, deadline } = spec.probe.times;
  const queries = new DashboardQueries(spec.probe);
  return [
    {
      title: "State",
      kind: "state",
      description:
        "DAMAGED: the registry answered twice, definitely, that something its tags need is lost. Not known: the " +
        "catalogue cannot be read, or no run was reported for three intervals.",
      queries: [{ expr: queries.state(), legend: HERE }],
      width: 24,
      height: 5,
    },
    {
      title: "Broken references",
      kind: "table",
      description:
        "What is broken now, with its runbook. At most 50 for each registry: the probe's log has all.",
      queries: [
        {
          expr: `${queries.worst("broken_reference", ["image", "repository", "tag", "kind", "digest"])} == 1`,
          legend: "",
        },
      ],
      width: 24,
      height: 8,
    },
    lines("Damage", "Distinct broken objects. Accepted: known, and put off until a date.", [
      { expr: queries.total("failures"), legend: HERE },
      { expr: queries.total("accepted_failures"), legend: `${HERE} accepted` },
    ]),
    {
      ...lines("Coverage", "Share of what should be checked that could be determined.", [
        { expr: queries.coverage(), legend: HERE },
      ]),
      unit: "percentunit",
    },
    {
      ...lines("Walk time", "A walk that comes near its deadline is cut off there; coverage falls.", [
        { expr: queries.worst("walk_duration_seconds"), legend: HERE },
        { expr: `vector(${deadline.toSeconds()})`, legend: "deadline" },
        { expr: `vector(${interval.toSeconds()})`, legend: "interval" },
      ]),
      unit: "s",
    },
    lines("Requests", "Of each walk, and how many of them were answered 429.", [
      { expr: queries.total("requests"), legend: HERE },
      { expr: queries.total("throttled_responses"), legend: `${HERE} throttled` },
    ]),
    lines("Undetermined", "Neither whole nor broken, by reason: it lowers coverage.", [
      { expr: queries.total("undetermined", ["reason"]), legend: `${HERE} {{reason}}` },
    ]),
    {
      ...lines("Bytes verified", "Since the oldest slice was read whole and hashed. Empty: no run does it.", [
        { expr: queries.bytesAge(), legend: HERE },
      ]),
      unit: "s",
    },
    ...(shardsOf(spec.probe.run) === null ? [] : [shardPanel(queries)]),
    ...(turnsOf(spec.probe) === null ? [] : [slicePanel(queries)]),
  ];
}

function shardPanel(queries: DashboardQueries): PanelSpec {
  return {
    title: "Shards",
    kind: "table",
    rows: "shards",
    unit: "s",
    description: "Time since each shard's last report. One that never reported has no row.",
    queries: [{ expr: queries.shardAges(), legend: "" }],
    width: 12,
    height: 7,
  };
}

function slicePanel(queries: DashboardQueries): PanelSpec {
  return {
    title: "Slices",
    kind: "table",
    rows: "slices",
    description:
      "Time since every blob of the slice was proven, and how many of them its last run found broken. One that was " +
      "never proven has no row.",
    queries: [
      { expr: queries.sliceAges(), legend: "" },
      { expr: queries.brokenBySlice(), legend: "" },
    ],
    width: 12,
    height: 7,
  };
}

function lines(title: string, description: string, queries: readonly PanelQuery[]): PanelSpec {
  return { title, kind: "lines", description, queries, width: 12, height: 7 };
}
