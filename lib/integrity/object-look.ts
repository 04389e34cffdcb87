import type { Digest } from "../oci/digest";
import { type BlobMode, RegistryError, type RegistryErrorCode } from "../registry-client/answers";
import { planBlobProof } from "./blob-proofs";
import { Role } from "./object-graph";
import { judgeBlob, judgeManifest, missingKind, type Verdict } from "./verdict";
import type { WalkContext } from "./walk-context";

export interface ObjectQuestion {
  readonly repository: string;
  readonly digest: Digest;
  readonly role: Role;
  /** Bytes by the descriptor, -1 for a root. */
  readonly size: number;
  /** An index may list plain blobs (build caches): what its type does not call a manifest may be either. */
  readonly mayBeBlob: boolean;
}

/** Asks the registry for one object, once. Never throws for what a registry can do. */
export async function lookAtObject(context: WalkContext, question: ObjectQuestion): Promise<Verdict> {
  const { repository, digest, role, size } = question;
  try {
    if (role === Role.config || role === Role.layer) return await lookAtBlob(context, question);
    if (question.mayBeBlob) {
      // What was one once is one: a question less, and where it is gone the usual ones tell.
      const known = await lookAtKnownManifest(context, question);
      if (known !== null) return known;
      // The blob first: docker-registry 2.8 answers 500 where a layer is asked for as a manifest.
      const verdict = await lookAtBlob(context, question);
      if (verdict.kind !== "broken" || verdict.finding !== missingKind(role)) return verdict;
    }
    return judgeManifest(await context.client.manifest(repository, digest.toString()), digest, size, role);
  } catch (error) {
    return asUndetermined(error);
  }
}

async function lookAtKnownManifest(context: WalkContext, question: ObjectQuestion): Promise<Verdict | null> {
  const { client } = context;
  const { repository, digest, role, size } = question;
  if (client.wasManifest?.(digest) !== true) return null;
  const answer = await client.manifest(repository, digest.toString());
  return answer.kind === "present" ? judgeManifest(answer, digest, size, role) : null;
}

async function lookAtBlob(context: WalkContext, question: ObjectQuestion): Promise<Verdict> {
  const { digest, size } = question;
  const plan = planBlobProof(context, digest, size, context.proven.has(digest, size));
  if (plan.otherwise === null) return proveBlob(context, question, plan.ask);
  const verdict = await askForExistence(context, question, plan.ask);
  return verdict ?? proveBlob(context, question, plan.otherwise);
}

async function proveBlob(context: WalkContext, question: ObjectQuestion, mode: BlobMode): Promise<Verdict> {
  const { repository, digest, role, size } = question;
  const verdict = judgeBlob(await context.client.blob(repository, digest, size, mode), role);
  if (verdict.kind === "whole" && mode !== "head") context.proven.add(digest, size);
  return verdict;
}

/**
 * Whole, or nothing that counts: what a HEAD says against a blob is no proof, and some stores refuse it where they
 * serve the bytes.
 */
async function askForExistence(
  context: WalkContext,
  question: ObjectQuestion,
  mode: BlobMode,
): Promise<Verdict | null> {
  const { repository, digest, role, size } = question;
  try {
    const verdict = judgeBlob(await context.client.blob(repository, digest, size, mode), role);
    return verdict.kind === "whole" ? verdict : null;
  } catch (error) {
    if (error instanceof RegistryError && OF_THE_QUESTION.has(error.code)) return null;
    throw error;
  }
}

/** Failures that another question may not meet. All else would meet it too, and would be asked of a registry in need. */
const OF_THE_QUESTION: ReadonlySet<RegistryErrorCode> = new Set([
  "unauthorized",
  "bad_response",
  "server_error",
]);

/** What the client could not find out, as a verdict; anything else is a defect and is thrown on. */
export function asUndetermined(error: unknown): Extract<Verdict, { kind: "undetermined" }> {
  if (error instanceof RegistryError)
    return { kind: "undetermined", reason: error.code, detail: error.message };
  throw error;
}
