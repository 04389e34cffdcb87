import { resolve } from "node:path";
import { Duration } from "../../core/duration";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";
import { didYouMean } from "../did-you-mean";
import type { CliEnvironment } from "../environment";
import { EXIT_DAMAGE, EXIT_INCOMPLETE } from "../exit-codes";
import { compareHost, HostAnswerError, type HostComparison } from "./compare-host";
import { type ExpectedHost, readRelease } from "./read-release";
import { renderHostScript } from "./render-host-script";
import { HostUnreachableError, runHostScript, type SshRoute } from "./run-host-script";

const DEFAULT_FOLDER = "cdktf.out/artifacts/registry-host";

interface HostOptions {
  readonly expected: ExpectedHost;
  readonly route: SshRoute | null;
  /** Before every path. */
  readonly prefix: string;
  readonly timeout: Duration;
  readonly format: "table" | "json";
}

/** 1 for drift, 2 where the host would not tell. @returns the exit code. @throws UsageError */
export async function host(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const { expected, route, prefix, timeout, format } = readHostOptions(raw);
  let comparison: HostComparison;
  try {
    const script = renderHostScript(expected, prefix);
    comparison = compareHost(
      expected,
      await runHostScript(script, route, timeout.toMilliseconds(), environment.env),
    );
  } catch (error) {
    if (!(error instanceof HostUnreachableError || error instanceof HostAnswerError)) throw error;
    comparison = { drift: [], undetermined: [error.message], notes: [] };
  }
  const { drift, undetermined, notes } = comparison;
  const where = route?.host ?? "here";
  if (format === "json") {
    const report = {
      ...{ schema: "tallyman.host/1", host: where, release: expected.id },
      ...{ drift, undetermined, notes },
    };
    environment.write(`${JSON.stringify(report)}\n`);
  } else environment.write(renderComparison(expected, where, comparison));
  for (const what of notes) environment.writeError(`tallyman: note: ${what}\n`);
  for (const what of undetermined) environment.writeError(`tallyman: could not tell: ${what}\n`);
  if (drift.length > 0) return EXIT_DAMAGE;
  return undetermined.length > 0 ? EXIT_INCOMPLETE : 0;
}

function renderComparison(expected: ExpectedHost, where: string, comparison: HostComparison): string {
  const { drift, undetermined } = comparison;
  const width = Math.max(0, ...drift.map(({ kind }) => kind.length));
  const rows = drift.map((one) => `${one.kind.padEnd(width)}  ${one.subject}  ${one.detail}\n`);
  const end =
    drift.length > 0
      ? `${drift.length} differences from release ${expected.id} on ${where}\n`
      : undetermined.length > 0
        ? `release ${expected.id} on ${where}: could not tell\n`
        : `release ${expected.id} on ${where}: as synthesized\n`;
  return `${rows.join("")}${end}`;
}

function readHostOptions(raw: RawArguments): HostOptions {
  const [verb, folder = DEFAULT_FOLDER, ...more] = raw.positionals;
  if (verb !== "check") {
    const got = verb === undefined ? "" : `, got ${quoted(verb)}${didYouMean(verb, ["check"])}`;
    throw new UsageError(
      `host knows one verb: \`tallyman host check [<folder>] --ssh root@registry.example.com\`${got}`,
    );
  }
  if (more.length > 0)
    throw new UsageError(`host check takes one folder, got also ${quoted(more[0] as string)}`);
  const reader = new OptionReader(raw.values);
  const ssh = reader.text("ssh");
  const rootDir = reader.text("root-dir");
  if ((ssh === null) === (rootDir === null)) {
    throw new UsageError("host check needs --ssh [user@]host[:port], or --root-dir / on the host itself");
  }
  const knownHosts = fileOption(reader, "known-hosts");
  const identity = fileOption(reader, "identity");
  if (ssh === null && (knownHosts !== null || identity !== null)) {
    throw new UsageError("--known-hosts and --identity belong to --ssh");
  }
  return {
    expected: readRelease(folder),
    route: ssh === null ? null : parseRoute(ssh, knownHosts, identity),
    prefix: rootDir === null ? "" : resolve(rootDir).replace(/\/$/, ""),
    timeout: reader.duration("timeout", Duration.minutes(2), Duration.seconds(1)),
    format: reader.choice("format", ["table", "json"] as const, "table"),
  };
}

/** ssh reads % and quotes in such a path as its own. */
function fileOption(reader: OptionReader, name: string): string | null {
  const text = reader.text(name);
  if (text === null) return null;
  if (text === "" || /["%\p{Cc}]/u.test(text)) {
    throw new UsageError(`--${name} must be a path without " and %, got ${quoted(text)}`);
  }
  return resolve(text);
}

function parseRoute(text: string, knownHosts: string | null, identity: string | null): SshRoute {
  // None may begin with a dash, which ssh would take for an option.
  const form =
    /^(?:([A-Za-z_][A-Za-z0-9_.-]*)@)?(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]*))(?::([0-9]{1,5}))?$/;
  const [isRoute, user, ipv6, name, port] = form.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (
    isRoute === undefined ||
    host === undefined ||
    (port !== undefined && !(+port >= 1 && +port <= 65_535))
  ) {
    throw new UsageError(`--ssh must be [user@]host[:port], got ${JSON.stringify(text.slice(0, 100))}`);
  }
  return { host, user: user ?? null, port: port === undefined ? null : Number(port), knownHosts, identity };
}
