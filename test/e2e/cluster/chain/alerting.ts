import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderYaml, type YamlValue } from "../../../../lib/text/yaml";
import { AlertmanagerServer } from "../../../support/alertmanager-server";
import { PrometheusServer } from "../../../support/prometheus-server";
import { scaleRuleFile } from "../../../support/scaled-rules";
import { type ToldAlert, WebhookReceiver } from "../../../support/webhook-receiver";

export interface AlertingOptions {
  /** YAML as Prometheus reads it. */
  readonly ruleFile: string;
  /** As in Alertmanager's configuration. */
  readonly inhibitRules: string;
  /** How many times faster than the rules say. */
  readonly divisor: number;
  readonly scrapeConfigs: readonly YamlValue[];
}

const GROUP_WAIT_MS = 1_000;

/** Prometheus, Alertmanager and whoever is paged, on loopback. */
export class Alerting {
  private constructor(
    readonly webhook: WebhookReceiver,
    readonly alertmanager: AlertmanagerServer,
    readonly prometheus: PrometheusServer,
    private readonly folder: string,
  ) {}

  static async start({ ruleFile, inhibitRules, divisor, scrapeConfigs }: AlertingOptions): Promise<Alerting> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-alerting-"));
    const webhook = await WebhookReceiver.start();
    let alertmanager: AlertmanagerServer | null = null;
    try {
      const rules = join(folder, "rules.yml");
      writeFileSync(rules, scaleRuleFile(ruleFile, divisor));
      alertmanager = await AlertmanagerServer.start({
        webhook: webhook.url,
        inhibitRules,
        groupWaitMs: GROUP_WAIT_MS,
      });
      const prometheus = await PrometheusServer.start(
        renderYaml({
          global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
          rule_files: [rules],
          alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager.host] }] }] },
          scrape_configs: [...scrapeConfigs],
        }),
      );
      return new Alerting(webhook, alertmanager, prometheus, folder);
    } catch (error) {
      await alertmanager?.stop();
      await webhook.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The last message about an alert, once it is of that status. @throws Error with what was told instead */
  async waitFor(name: string, status: ToldAlert["status"], timeoutMs: number): Promise<ToldAlert> {
    const last = (): ToldAlert | undefined => this.webhook.told.filter((one) => one.name === name).at(-1);
    await this.webhook.waitUntil(() => last()?.status === status, timeoutMs);
    const found = last();
    if (found?.status === status) return found;
    const told = this.webhook.told.map((one) => `${one.name} ${one.status}`);
    throw new Error(
      `${name} is not told as ${status} in ${timeoutMs} ms, but ${told.join(", ") || "nothing"}`,
    );
  }

  async stop(): Promise<void> {
    await this.prometheus.stop();
    await this.alertmanager.stop();
    await this.webhook.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
