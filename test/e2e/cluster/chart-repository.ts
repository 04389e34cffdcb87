import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface StandInChart {
  readonly name: string;
  readonly version: string;
}

/** All values that a release was given, so that a test can see what arrived. */
const VALUES_TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-values
  namespace: {{ .Release.Namespace }}
data:
  values.json: {{ .Values | toJson | quote }}
`;

/**
 * A chart repository on loopback: a stand-in for the community's, which the tests do not ask. Its charts have the
 * names and versions of the real ones, and install a ConfigMap with the values alone.
 * https://helm.sh/docs/topics/chart_repository/
 */
export class ChartRepository {
  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(charts: readonly StandInChart[]): Promise<ChartRepository> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-charts-"));
    for (const chart of charts) pack(folder, chart);
    const server = createServer((request, response) => {
      const name = (request.url ?? "").replace(/^\//, "");
      const isKnown = name === "index.yaml" || charts.some((chart) => name === archiveName(chart));
      response.statusCode = isKnown ? 200 : 404;
      response.end(isKnown ? readFileSync(join(folder, name)) : "");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const entries = Object.fromEntries(
      charts.map((chart) => [
        chart.name,
        [{ ...chart, apiVersion: "v2", urls: [`${url}/${archiveName(chart)}`] }],
      ]),
    );
    // JSON is YAML too.
    writeFileSync(join(folder, "index.yaml"), JSON.stringify({ apiVersion: "v1", entries }));
    return new ChartRepository(url, server, folder);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function archiveName({ name, version }: StandInChart): string {
  return `${name}-${version}.tgz`;
}

function pack(folder: string, chart: StandInChart): void {
  const templates = join(folder, chart.name, "templates");
  mkdirSync(templates, { recursive: true });
  const description = "A stand-in: its values as a ConfigMap";
  writeFileSync(
    join(folder, chart.name, "Chart.yaml"),
    JSON.stringify({ ...chart, apiVersion: "v2", type: "application", description }),
  );
  writeFileSync(join(templates, "values.yaml"), VALUES_TEMPLATE);
  execFileSync("tar", ["-czf", archiveName(chart), chart.name], { cwd: folder });
}
