/** What `tallyman serve` answers: always of the last finished walk, whatever one under way has seen. */
import { type Answer, plain } from "./exporter/http-front";
import { type RegistryView, RunMemory } from "./exporter/run-memory";
import { formatSamples } from "./exposition";

export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

export interface ExporterOptions {
  /** The `instance` label of each registry, each once. */
  readonly instances: readonly string[];
  readonly renderPage: (registries: readonly RegistryView[]) => Page;
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

  private readiness(): Answer {
    const waiting = this.registries.filter(({ facts }) => facts === null).map(({ instance }) => instance);
    if (waiting.length === 0) return plain(200, "every registry was walked");
    return plain(503, `the first walk has not ended: ${waiting.join(", ")}`);
  }

  /** One registry's report; of several, an array of those that there are. */
  private report(): Answer {
    const reports = this.registries.flatMap((registry) => registry.report() ?? []);
    const [first] = reports;
    if (first === undefined) return plain(503, "the first walk has not ended");
    const body = this.registries.length === 1 ? first : arrayOf(reports);
    return { status: 200, contentType: "application/json; charset=utf-8", body };
  }
}

function arrayOf(documents: readonly Buffer[]): Buffer {
  const parts = documents.flatMap((document, i) => [Buffer.from(i === 0 ? "[" : ","), document]);
  return Buffer.concat([...parts, Buffer.from("]\n")]);
}
