/** https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/ */
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject, type JsonObject } from "../../../../lib/oci/descriptor";
import { listAt, numberAt, requireText, textAt, valueAt } from "../json";

export interface ProbeSettings {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** With the API's own defaults where a field is not there. @param maxPeriodMs for tests that cannot wait */
export function probeSettings(probe: JsonObject, maxPeriodMs = Number.POSITIVE_INFINITY): ProbeSettings {
  return {
    initialDelayMs: (numberAt(probe, "initialDelaySeconds") ?? 0) * 1_000,
    periodMs: Math.min(maxPeriodMs, (numberAt(probe, "periodSeconds") ?? 10) * 1_000),
    timeoutMs: (numberAt(probe, "timeoutSeconds") ?? 1) * 1_000,
    successThreshold: numberAt(probe, "successThreshold") ?? 1,
    failureThreshold: numberAt(probe, "failureThreshold") ?? 3,
  };
}

/** Counts answers: `null` while neither threshold is reached. */
export class ProbeCounter {
  private run = 0;
  private last: boolean | null = null;

  constructor(private readonly settings: Pick<ProbeSettings, "successThreshold" | "failureThreshold">) {}

  count(isSuccess: boolean): boolean | null {
    this.run = this.last === isSuccess ? this.run + 1 : 1;
    this.last = isSuccess;
    const { successThreshold, failureThreshold } = this.settings;
    return this.run >= (isSuccess ? successThreshold : failureThreshold) ? isSuccess : null;
  }
}

/** Asks until the signal comes; `tell` hears of every verdict. */
export async function runProbe(
  settings: ProbeSettings,
  check: (timeoutMs: number) => Promise<boolean>,
  tell: (isSuccess: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const counter = new ProbeCounter(settings);
  try {
    await sleep(settings.initialDelayMs, undefined, { signal, ref: false });
    while (!signal.aborted) {
      const verdict = counter.count(await check(settings.timeoutMs));
      if (verdict !== null && !signal.aborted) tell(verdict);
      await sleep(settings.periodMs, undefined, { signal, ref: false });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** One question: 200 to 399 is well, and a port that takes a connection. @param ports by their names */
export function checkProbe(
  probe: JsonObject,
  ports: Readonly<Record<string, number>>,
  host: string,
): (timeoutMs: number) => Promise<boolean> {
  const get = valueAt(probe, "httpGet");
  const action = isObject(get) ? get : valueAt(probe, "tcpSocket");
  const named = valueAt(action, "port");
  const port = typeof named === "number" ? named : ports[String(named)];
  if (port === undefined)
    throw new Error(`a probe asks port ${String(named)}, which no port of the container is named`);
  const to = textAt(action, "host") ?? host;
  return (timeoutMs) => (isObject(get) ? askHttp(get, to, port, timeoutMs) : askTcp(to, port, timeoutMs));
}

function askHttp(get: JsonObject, host: string, port: number, timeoutMs: number): Promise<boolean> {
  const isTls = textAt(get, "scheme") === "HTTPS";
  const headers = Object.fromEntries(
    listAt(get, "httpHeaders").map((one) => [requireText(one, "name"), requireText(one, "value")]),
  );
  const options = {
    host,
    port,
    path: textAt(get, "path") ?? "/",
    headers: { connection: "close", ...headers },
    // A kubelet does not look at the certificate either.
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(timeoutMs),
  };
  return new Promise((resolve) => {
    const sent = (isTls ? requestTls : requestPlain)(options, (answer) => {
      answer.resume();
      answer.on("error", () => undefined);
      resolve((answer.statusCode ?? 0) >= 200 && (answer.statusCode ?? 0) < 400);
    });
    sent.on("error", () => resolve(false));
    sent.end();
  });
}

function askTcp(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on("connect", () => end(true));
    socket.on("timeout", () => end(false));
    socket.on("error", () => end(false));
  });
}
