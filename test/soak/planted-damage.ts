import type { FindingKind } from "../../lib/integrity/contract";
import type { Finding, Report } from "../../lib/integrity/report";
import type { EmbeddedRegistry } from "../../lib/testing";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";
import type { SeededRandom } from "./seeded-random";

/** Nobody writes there. */
const REPOSITORY = "fragile/app";
const TAG = "prod";

interface Planted {
  /** What it may be called: with a warm cache of descriptors a lost layer is there, and has no bytes. */
  readonly kinds: readonly FindingKind[];
  readonly fromMs: number;
  /** null while it lasts. */
  untilMs: number | null;
  isTold: boolean;
}

/** Breaks an image at known times, mends it again, and holds every report against that. */
export class PlantedDamage {
  readonly wrong: string[] = [];
  readonly planted: Planted[] = [];
  /** Different reports held against the truth, and those of them that were complete. */
  reports = 0;
  complete = 0;
  private readonly image = twoPlatforms("soak/fragile");
  private lastReport = "";

  constructor(
    private readonly registry: EmbeddedRegistry,
    private readonly random: SeededRandom,
  ) {
    this.mend();
  }

  /** @param patienceMs how long a damage may stay untold, and how long each lasts at least after that */
  async breakAndMend(
    isOver: () => boolean,
    pause: (ms: number) => Promise<void>,
    patienceMs: number,
  ): Promise<void> {
    while (!isOver()) {
      await pause(this.random.between(1_000, 4_000));
      if (isOver()) return;
      const kinds = this.break();
      const planted: Planted = { kinds, fromMs: Date.now(), untilMs: null, isTold: false };
      this.planted.push(planted);
      const limit = performance.now() + patienceMs;
      while (!planted.isTold && performance.now() < limit && !isOver()) await pause(100);
      if (!planted.isTold && !isOver()) this.wrong.push(`${kinds} was not told within ${patienceMs} ms`);
      await pause(this.random.between(0, 1_000));
      this.mend();
      planted.untilMs = Date.now();
    }
  }

  /** @param text of the report that is served just now */
  hold(text: string): void {
    if (text === this.lastReport) return;
    this.lastReport = text;
    this.reports++;
    const report = JSON.parse(text) as Report;
    if (report.complete) this.complete++;
    const beganMs = Date.parse(report.startedAt);
    const endedMs = beganMs + report.durationMs + 1;
    const damage = report.findings.filter(({ severity }) => severity === "damage");
    for (const finding of damage) {
      const cause = this.planted.find(
        ({ kinds, fromMs, untilMs }) =>
          finding.repository === REPOSITORY &&
          kinds.includes(finding.kind) &&
          fromMs <= endedMs &&
          (untilMs === null || untilMs >= beganMs),
      );
      if (cause === undefined) this.wrong.push(`${report.startedAt}: ${brief(finding)}`);
      else cause.isTold = true;
    }
    for (const { kinds, fromMs, untilMs } of this.planted) {
      const isWhole = report.complete && fromMs < beganMs && (untilMs === null || untilMs > endedMs);
      if (isWhole && !damage.some((finding) => kinds.includes(finding.kind))) {
        this.wrong.push(`${report.startedAt}: complete, and silent on ${kinds}`);
      }
    }
  }

  private break(): readonly FindingKind[] {
    const { storage } = this.registry;
    const [child, layer] = [firstChild(this.image), firstLayer(this.image)];
    const ways: readonly (() => readonly FindingKind[])[] = [
      () => {
        storage.unlinkManifest(REPOSITORY, child.digest);
        return ["index_child_missing"];
      },
      () => {
        storage.deleteBlobData(layer.digest);
        return ["layer_missing", "truncated"];
      },
      () => {
        storage.cutBlobData(layer.digest, layer.size - 1);
        return ["truncated"];
      },
      () => {
        storage.deleteTagLink(REPOSITORY, TAG);
        return ["manifest_missing"];
      },
    ];
    const kinds = this.random.of(ways)();
    // Both kinds of cache: warm, which still says what was there, and cold.
    if (this.random.next() < 0.5) this.registry.restart();
    return kinds;
  }

  private mend(): void {
    this.registry.put(REPOSITORY, TAG, this.image);
    this.registry.restart();
  }
}

function brief({ kind, repository, tags, detail }: Finding): string {
  return `${kind} ${repository} ${tags.join(",")}: ${detail}`;
}
