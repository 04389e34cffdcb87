/** What `tallyman serve` answers: always of the last finished walk, whatever one under way has seen. */
import { type Answer, plain } from "./exporter/http-front";
import { type RegistryView, RunMemory } from "./exporter/run-memory";
import { formatSamples } from "./exposition";
import { describeStanding, mayWalk, type Standing } from "./lease/standing";

export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

export interface ExporterOptions {
  /** The `instance` label of each registry, each once. */
  readonly instances: readonly string[];
  readonly renderPage: (registries: readonly RegistryView[]) => Page;
  /** Where replicas take turns; null where this one walks by itself. */
  readonly lease: LeaseView | null;
}

export interface LeaseView {
  /** As `monitoring/registry-integrity-probe`. */
  readonly name: string;
  readonly standing: Standing;
}

export class Exporter {
  /** In the order given. */
  readonly registries: readonly RunMemory[];

  constructor(private readonly options: ExporterOptions) {
    this.registries = options.instances.map((instance) => new RunMemory(instance));
  }

  answer(path: string): Answer {
    switch (path) {
      case "/":
        return this.page();
      case "/metrics":
        return {
          status: 200,
          contentType: "text/plain; version=0.0.4; charset=utf-8",
          body: formatSamples(
            this.registries.flatMap((registry) => registry.samples()),
            null,
          ),
        };
      case "/healthz":
        return plain(200, "alive");
      case "/readyz":
        return this.readiness();
      case "/report":
        return this.report();
      default:
        return plain(404, "there are /, /metrics, /report, /healthz and /readyz");
    }
  }

  private page(): Answer {
    const { html, contentSecurityPolicy } = this.options.renderPage(this.registries);
    const headers = { "Content-Security-Policy": contentSecurityPolicy };
    return { status: 200, contentType: "text/html; charset=utf-8", body: html, headers };
  }

  /** Who stands by is ready for its part: else no rollout ends, and a disruption budget counts one pod alone. */
  private readiness(): Answer {
    const { lease } = this.options;
    if (lease?.standing.kind === "standby") return plain(200, describeStanding(lease.standing, lease.name));
    const waiting = this.registries.filter(({ facts }) => facts === null).map(({ instance }) => instance);
    if (waiting.length === 0) return plain(200, "every registry was walked");
    return plain(503, `${this.notYet()}: ${waiting.join(", ")}`);
  }

  private notYet(): string {
    const { lease } = this.options;
    if (lease === null || mayWalk(lease.standing)) return "the first walk has not ended";
    return `this replica ${describeStanding(lease.standing, lease.name)}`;
  }

  /** One registry's report; of several, an array of those that there are. */
  private report(): Answer {
    const reports = this.registries.flatMap((registry) => registry.report() ?? []);
    const [first] = reports;
    if (first === undefined) return plain(503, this.notYet());
    const body = this.registries.length === 1 ? first : arrayOf(reports);
    return { status: 200, contentType: "application/json; charset=utf-8", body };
  }
}

function arrayOf(documents: readonly Buffer[]): Buffer {
  const parts = documents.flatMap((document, i) => [Buffer.from(i === 0 ? "[" : ","), document]);
  return Buffer.concat([...parts, Buffer.from("]\n")]);
}
