import type { Digest } from "../../oci/digest";
import { RegistryError } from "../../registry-client/answers";
import { BlobWriter } from "../../registry-client/blob-writer";
import type { RegistryClient } from "../../registry-client/registry-client";
import { WrongContentError } from "../../registry-client/verified-body";
import type { FoundBlob, RepairItem, RepairStep } from "./repair-plan";
import { tagDigest } from "./tag-digest";

/** `refused`: a person has to act first. `left`: a rebuild helps, or other content that was not allowed, or nothing. */
export type RepairOutcome = "done" | "refused" | "failed" | "left";

export interface RepairResult {
  readonly outcome: RepairOutcome;
  /** Why it was refused or failed; null otherwise. */
  readonly problem: string | null;
}

export interface ApplyOptions {
  readonly client: RegistryClient;
  /** Whether tags may be pointed at other content. */
  readonly allowRetag: boolean;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

const TRIES = 3;
const PAUSE_MS = 500;

/** Takes the steps of each item in order; an item's first failure ends that item, not the others. */
export async function applyRepairs(
  items: readonly RepairItem[],
  options: ApplyOptions,
): Promise<Map<RepairItem, RepairResult>> {
  const run = new Application(options);
  const results = new Map<RepairItem, RepairResult>();
  for (const item of items) results.set(item, await run.apply(item));
  return results;
}

/** The registry took the bytes, or told where they are, and does not serve them. */
class NotServedError extends Error {
  override readonly name = "NotServedError";
}

class Application {
  private readonly writer: BlobWriter;
  /** What stands by now, by repository, digest and tag: items share layers. */
  private readonly done = new Set<string>();

  constructor(private readonly options: ApplyOptions) {
    this.writer = new BlobWriter(options.client.session);
  }

  async apply(item: RepairItem): Promise<RepairResult> {
    if (item.action === "rebuild" || item.action === "none") return { outcome: "left", problem: null };
    if (item.action === "retag" && !this.options.allowRetag) {
      return { outcome: "left", problem: "it changes what a tag means: allow it by --allow-retag" };
    }
    if (item.action === "restart_first") return refused("restart the registry, then run again");
    if (item.action === "remove_data_first") {
      return refused("remove the data files, restart the registry, then run again");
    }
    if (item.action === "undetermined") return refused(item.detail);
    try {
      for (const step of item.steps) await this.take(item.finding.repository, step);
      return { outcome: "done", problem: null };
    } catch (error) {
      if (error instanceof NotServedError) return refused(error.message);
      if (error instanceof RegistryError || error instanceof WrongContentError || isFileError(error)) {
        return { outcome: "failed", problem: error.message };
      }
      throw error;
    }
  }

  private async take(repository: string, step: RepairStep): Promise<void> {
    const key = `${repository} ${step.digest} ${step.do === "put_manifest" ? (step.tag ?? "") : ""}`;
    if (this.done.has(key)) return;
    if (step.do === "put_manifest") await this.putManifest(repository, step);
    else await this.putBlob(repository, step);
    this.done.add(key);
  }

  private async putBlob(
    repository: string,
    step: Exclude<RepairStep, { do: "put_manifest" }>,
  ): Promise<void> {
    const { digest, size } = step;
    const isMounted = step.do === "mount_blob" && (await this.writer.mount(repository, digest, step.from));
    if (!isMounted)
      await this.upload(repository, digest, step.do === "mount_blob" ? step.fallback : step.found);
    const answer = await this.options.client.blob(repository, digest, size, "range");
    if (answer.kind !== "present") throw notServed(`the blob ${digest}`);
  }

  /** The whole upload again, not its rest: what a registry kept of a broken one is its own secret. */
  private async upload(repository: string, digest: Digest, found: FoundBlob | null): Promise<void> {
    if (found === null) {
      throw new RegistryError(
        "bad_response",
        `${digest}: the registry does not mount it, and no source has it`,
      );
    }
    for (let tried = 1; ; tried++) {
      try {
        return await this.writer.upload(repository, digest, found.body);
      } catch (error) {
        const mayPass = error instanceof RegistryError && error.retryable && error.code !== "budget_spent";
        if (!mayPass || tried >= TRIES || this.options.signal.aborted) throw error;
        await this.options.sleep(PAUSE_MS * tried);
      }
    }
  }

  private async putManifest(
    repository: string,
    step: Extract<RepairStep, { do: "put_manifest" }>,
  ): Promise<void> {
    const { client } = this.options;
    if (step.tag !== null) await this.checkTag(repository, step.tag, step.expected, step.digest);
    await client.putManifest(repository, step.tag ?? step.digest.toString(), step.mediaType, step.body);
    const answer = await client.manifest(repository, step.digest.toString());
    if (answer.kind !== "present" || !step.digest.verifies(answer.body)) {
      throw notServed(`the manifest ${step.digest}`);
    }
  }

  /** A push may have come in between: then the tag is nobody's to set but the pusher's. */
  private async checkTag(
    repository: string,
    tag: string,
    expected: string | null,
    meant: Digest,
  ): Promise<void> {
    const digest = await tagDigest(this.options.client, repository, tag);
    // Put back under its digest, what the tag's link names is there again.
    if (digest !== expected && digest !== meant.toString()) {
      throw new RegistryError("bad_response", `the tag ${tag} moved since the walk: run again`);
    }
  }
}

function refused(problem: string): RepairResult {
  return { outcome: "refused", problem };
}

function notServed(what: string): NotServedError {
  return new NotServedError(
    `the registry took ${what} and does not serve it: its cache outlived the data. Restart the registry, then run again`,
  );
}

/** By shape: an error of node:fs is of another realm than this file's where a test runner has its own. */
function isFileError(error: unknown): error is Error {
  return typeof error === "object" && error !== null && "syscall" in error && "message" in error;
}
