import { Duration } from "../core/duration";
import { type Assessment, exitCode } from "../integrity/assess";
import { checkExpectations, type Expectations } from "../integrity/expectations";
import { type ImageRoot, imagesByOrigin, scopesOf } from "../integrity/image-scopes";
import { asUndetermined } from "../integrity/object-look";
import { Digest } from "../oci/digest";
import { type ImageReference, parseImageReference } from "../oci/reference";
import { OptionReader, quoted, type RawArguments, UsageError } from "./arguments";
import { type CredentialSource, credentialSource } from "./credentials";
import type { CliEnvironment } from "./environment";
import { renderTable } from "./render-table";
import { type ConnectionOptions, type ProofOptions, readConnection, readProof } from "./walk-options";
import { runWalk, type WalkRequest } from "./walk-session";

export interface VerifyOptions {
  readonly images: readonly ImageReference[];
  readonly connection: ConnectionOptions;
  readonly proof: ProofOptions;
  readonly expectations: Expectations;
  readonly recheckAfter: Duration | null;
  readonly format: "table" | "json";
}

/** @throws UsageError */
export function readVerifyOptions(raw: RawArguments, nowMs: number): VerifyOptions {
  if (raw.positionals.length === 0) {
    throw new UsageError("verify needs an image, as `tallyman verify registry.example.com/team/app:1.2`");
  }
  const images = raw.positionals.map((text) => {
    const reference = parseImageReference(text);
    if ("problem" in reference) throw new UsageError(`${quoted(text)} is no image: ${reference.problem}`);
    return reference;
  });
  const reader = new OptionReader(raw.values);
  const digestText = reader.text("expect-digest");
  const digest = digestText === null ? null : Digest.parse(digestText);
  if (digestText !== null && digest === null) {
    throw new UsageError(`--expect-digest must be sha256:<64 hex>, got ${JSON.stringify(digestText)}`);
  }
  const platforms = reader.list("expect-platform");
  const unfit = platforms.find((platform) => !/^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9._]+)?$/.test(platform));
  if (unfit !== undefined)
    throw new UsageError(`--expect-platform must be as linux/amd64, got ${JSON.stringify(unfit)}`);
  const isRechecked = reader.text("recheck-after") !== null;
  return {
    images,
    connection: readConnection(reader),
    proof: readProof(reader, nowMs, Duration.minutes(15)),
    expectations: { platforms, digest },
    recheckAfter: isRechecked ? reader.duration("recheck-after", Duration.seconds(0)) : null,
    format: reader.choice("format", ["table", "json"] as const, "table"),
  };
}

/** Proves the images whole, registry by registry; one report each, in JSON one a line. @returns the exit code */
export async function verify(options: VerifyOptions, environment: CliEnvironment): Promise<number> {
  const registries = imagesByOrigin(options.images);
  const hosts = [...new Set([...registries.keys()].map((origin) => new URL(origin).host))];
  const warn = (message: string): void => environment.writeError(`tallyman: ${message}\n`);
  const credentials = credentialSource(environment, options.connection.dockerConfig, hosts, warn);
  if (options.connection.address !== null && registries.size > 1) {
    throw new UsageError(`--address belongs to one registry, and the images are on ${registries.size}`);
  }
  // Before the first request: what is wrong with the words is said before anything else is.
  const targets = [...registries].map(([origin, images]) => ({
    images,
    request: requestOf(new URL(origin), images, options, credentials),
  }));
  let assessments = await look(targets, options.expectations, environment);
  if (options.recheckAfter !== null && worst(assessments) === 0) {
    await environment.sleep(options.recheckAfter.toMilliseconds());
    assessments = await look(targets, options.expectations, environment);
  }
  for (const assessment of assessments) {
    const isJson = options.format === "json";
    environment.write(
      isJson
        ? `${JSON.stringify(assessment.report)}\n`
        : renderTable(assessment, { blobs: options.proof.blobs }),
    );
  }
  return worst(assessments);
}

/** The images of one registry. */
interface Target {
  readonly images: readonly ImageRoot[];
  readonly request: WalkRequest;
}

function requestOf(
  url: URL,
  images: readonly ImageRoot[],
  { connection, proof }: VerifyOptions,
  credentials: CredentialSource,
): WalkRequest {
  return {
    url,
    connection,
    proof,
    credentials: credentials(url.host),
    instance: url.host,
    scopes: scopesOf(images),
    newest: null,
    acceptances: [],
    budgetMs: connection.deadline.toMilliseconds(),
    isPrivate: false,
    said: new Set(),
  };
}

async function look(
  targets: readonly Target[],
  expectations: Expectations,
  environment: CliEnvironment,
): Promise<Assessment[]> {
  const assessments: Assessment[] = [];
  for (const { images, request } of targets) {
    const outcome = await runWalk(environment, request, async (client, ledger) => {
      if (expectations.digest === null && expectations.platforms.length === 0) return;
      for (const { repository, reference } of images) {
        try {
          const context = { client, ledger, sleep: environment.sleep };
          await checkExpectations(context, repository, reference, expectations);
        } catch (error) {
          const { reason, detail } = asUndetermined(error);
          ledger.doubt({ reason, repository, reference, detail });
        }
      }
    });
    assessments.push(outcome.assessment);
  }
  return assessments;
}

function worst(assessments: readonly Assessment[]): number {
  const codes = assessments.map(exitCode);
  if (codes.includes(1)) return 1;
  return codes.includes(2) ? 2 : 0;
}
