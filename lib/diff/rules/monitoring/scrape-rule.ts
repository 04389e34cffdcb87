import { Duration } from "../../../core/duration";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { changedCarriers } from "./carriers";
import { type Finding, judge } from "./finding";
import { type ScrapeView, scrapesIn } from "./scrape-view";

/** What Prometheus scrapes, and how often: alerts on a target that is not scraped are silent. */
export const scrapeRule: DomainRule = { name: "scrape", judge: judgeScrapes };

function judgeScrapes(input: RuleInput): readonly Judged[] {
  const { base, head } = changedCarriers(input);
  const [before, after] = [base.flatMap(scrapesIn), head.flatMap(scrapesIn)];
  if (before.length === 0 && after.length === 0) return [];
  const index = DeltaIndex.of(input);
  const { pairs, removed, added } = match(before, after);
  return judge([
    ...removed.map((one) => removal(one, index)),
    ...added.map((one) => addition(one, index)),
    ...pairs.flatMap(({ old, now }) => [
      ...targetFindings(old, now, index),
      ...intervalFindings(input, old, now),
    ]),
  ]);
}

/** One name once per place, else once per stack or folder, as a job may move to another carrier. */
function match(before: readonly ScrapeView[], after: readonly ScrapeView[]) {
  const pairs: { readonly old: ScrapeView; readonly now: ScrapeView }[] = [];
  const paired = new Set<ScrapeView>();
  const ways: readonly ((one: ScrapeView) => string)[] = [
    ({ name, place }) => JSON.stringify([name, place]),
    ({ name, scope }) => JSON.stringify([name, scope]),
  ];
  for (const keyOf of ways) {
    const open = new Map(after.filter((one) => !paired.has(one)).map((one) => [keyOf(one), one]));
    for (const old of before) {
      const now = paired.has(old) ? undefined : open.get(keyOf(old));
      if (now === undefined) continue;
      open.delete(keyOf(old));
      pairs.push({ old, now });
      paired.add(old);
      paired.add(now);
    }
  }
  const isOpen = (one: ScrapeView): boolean => !paired.has(one);
  return { pairs, removed: before.filter(isOpen), added: after.filter(isOpen) };
}

function removal(one: ScrapeView, index: DeltaIndex): Finding {
  const { place, name } = one;
  const before = shown(one);
  const text = `${name}: no longer scraped (${before}), alerts on its metrics go silent`;
  return {
    grade: "risk",
    kind: "scrape_target_removed",
    place,
    subject: name,
    before,
    after: null,
    text,
    covers: coversOf(one, index),
  };
}

function addition(one: ScrapeView, index: DeltaIndex): Finding {
  const { place, name } = one;
  const after = shown(one);
  const text = `${name}: scraped now (${after})`;
  return {
    grade: "info",
    kind: "scrape_target_added",
    place,
    subject: name,
    before: null,
    after,
    text,
    covers: coversOf(one, index),
  };
}

function targetFindings(old: ScrapeView, now: ScrapeView, index: DeltaIndex): readonly Finding[] {
  const gone = old.targets.filter((one) => !now.targets.includes(one));
  const come = now.targets.filter((one) => !old.targets.includes(one));
  if (gone.length === 0 && come.length === 0) return [];
  const { place, name } = now;
  const values = { before: old.targets.join(", ") || null, after: now.targets.join(", ") || null };
  const covers = [...index.within(old.value), ...index.within(now.value)].filter(({ path }) =>
    path.some((key) => TARGET_KEYS.includes(key)),
  );
  const common = { place, subject: name, ...values, covers };
  if (gone.length === 0) {
    const text = `${name}: scrapes ${come.join(", ")} too`;
    return [{ ...common, grade: "info", kind: "scrape_target_added", text }];
  }
  if (gone.length <= come.length) {
    const text = `${name}: scrapes ${come.join(", ")} instead of ${gone.join(", ")}`;
    return [{ ...common, grade: "notice", kind: "scrape_target_changed", text }];
  }
  const text = `${name}: no longer scrapes ${gone.join(", ")}, alerts on its metrics go silent`;
  return [{ ...common, grade: "risk", kind: "scrape_target_removed", text }];
}

/** Under which the addresses and their path stand. */
const TARGET_KEYS = ["staticConfigs", "static_configs", "metricsPath", "metrics_path"];
const INTERVAL_KEYS = ["interval", "scrapeInterval", "scrape_interval"];

function intervalFindings(input: RuleInput, old: ScrapeView, now: ScrapeView): readonly Finding[] {
  if (old.interval === now.interval) return [];
  const { place, name } = now;
  // Where none is written Prometheus's global one holds, which no output tells: a minute unless it is set.
  const [before, after] = [secondsOf(old.interval ?? "1m"), secondsOf(now.interval ?? "1m")];
  const isSlower = before !== null && after !== null && after > before;
  const text = `${name}: scraped every ${old.interval ?? "default interval"} → ${now.interval ?? "default interval"}`;
  return [
    {
      grade: isSlower ? "risk" : "info",
      kind: isSlower ? "scrape_slower" : "scrape_changed",
      place,
      subject: name,
      before: old.interval,
      after: now.interval,
      text,
      covers: DeltaIndex.of(input).ofKeys(place, INTERVAL_KEYS),
    },
  ];
}

function coversOf(one: ScrapeView, index: DeltaIndex) {
  return [...index.within(one.value), ...index.ofWhole(one.owned)];
}

function shown({ targets }: ScrapeView): string {
  return targets.length === 0 ? "discovered targets" : targets.join(", ");
}

function secondsOf(text: string): number | null {
  return Duration.check(text, "interval").length > 0 ? null : Duration.parse(text).toSeconds();
}
