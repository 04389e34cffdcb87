import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LABEL_REGISTRY, REGISTRY_JOB } from "../../lib/monitoring/scrape/scrape-jobs";
import { renderYaml, type YamlValue } from "../../lib/text/yaml";
import { AlertmanagerServer } from "../support/alertmanager-server";
import { PrometheusServer } from "../support/prometheus-server";
import { scaleRuleFile } from "../support/scaled-rules";
import { WebhookReceiver } from "../support/webhook-receiver";

export interface WorldOptions {
  readonly ruleFiles: readonly string[];
  /** As in Alertmanager's configuration. */
  readonly inhibitRules: string;
  /** How many times faster than the rules say. */
  readonly divisor: number;
  /** `host:port` of /metrics by the label `registry`. */
  readonly registries: Readonly<Record<string, string>>;
  /** `host:port` by the label `job`. */
  readonly gateways: Readonly<Record<string, string>>;
}

/** Longer than a scrape and an evaluation apart, so that an alert and what inhibits it meet. */
const GROUP_WAIT_MS = 2_500;

/** Prometheus, Alertmanager and whoever is paged, joined by real sockets. */
export class MonitoringWorld {
  private constructor(
    readonly webhook: WebhookReceiver,
    readonly alertmanager: AlertmanagerServer,
    readonly prometheus: PrometheusServer,
    private readonly folder: string,
  ) {}

  static async start(options: WorldOptions): Promise<MonitoringWorld> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-world-"));
    const webhook = await WebhookReceiver.start();
    let alertmanager: AlertmanagerServer | null = null;
    try {
      const { inhibitRules, ruleFiles, divisor } = options;
      for (const [at, text] of ruleFiles.entries()) {
        writeFileSync(join(folder, `rules-${at}.yml`), scaleRuleFile(text, divisor));
      }
      const groupWaitMs = GROUP_WAIT_MS;
      alertmanager = await AlertmanagerServer.start({ webhook: webhook.url, inhibitRules, groupWaitMs });
      const config = renderYaml(configuration(options, join(folder, "rules-*.yml"), alertmanager.host));
      const prometheus = await PrometheusServer.start(config);
      return new MonitoringWorld(webhook, alertmanager, prometheus, folder);
    } catch (error) {
      await alertmanager?.stop();
      await webhook.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.prometheus.stop();
    await this.alertmanager.stop();
    await this.webhook.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
function configuration(
  { registries, gateways }: WorldOptions,
  rules: string,
  alertmanager: string,
): YamlValue {
  const target = (host: string, labels: Readonly<Record<string, string>>) => [{ targets: [host], labels }];
  return {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: [rules],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [
      ...Object.entries(gateways).map(([job, host]) => ({
        job_name: job,
        honor_labels: true,
        static_configs: target(host, {}),
      })),
      {
        job_name: REGISTRY_JOB,
        static_configs: Object.entries(registries).flatMap(([name, host]) =>
          target(host, { [LABEL_REGISTRY]: name }),
        ),
      },
    ],
  };
}
