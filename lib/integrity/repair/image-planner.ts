import { printable } from "../../core/printable";
import { type Descriptor, MalformedError } from "../../oci/descriptor";
import type { Digest } from "../../oci/digest";
import { parseManifest } from "../../oci/manifest";
import { RegistryError } from "../../registry-client/answers";
import { isManifestType, mentions } from "../descend";
import { blobDataPath } from "../disk/layout";
import { Role } from "../object-graph";
import { findBlob, findManifest, putType } from "./find-bytes";
import {
  type KnownDamage,
  type Needs,
  NOTHING,
  type Obstacle,
  obstacle,
  type PlanContext,
  type ProvenManifest,
} from "./plan-context";
import type { RepairStep } from "./repair-plan";

const MAX_DEPTH = 8;
const MAX_OBJECTS = 10_000;

/** Finds out what the images of one repository need to be whole again; each object is asked for once. */
export class ImagePlanner {
  private readonly known = new Map<string, Promise<Needs>>();

  constructor(
    private readonly context: PlanContext,
    private readonly repository: string,
    private readonly damage: KnownDamage,
  ) {}

  /** What a tag that answers 5xx again and again points to answers so too. */
  expectUnservable(digest: Digest): void {
    this.damage.set(digest.toString(), "unservable");
  }

  /** @param mediaType what the descriptor says, or null */
  manifest(digest: Digest, mediaType: string | null, depth = 0): Promise<Needs> {
    return this.once(digest, () => this.planManifest(digest, mediaType, depth));
  }

  blob(digest: Digest, size: number): Promise<Needs> {
    return this.once(digest, () => this.planBlob(digest, size));
  }

  private async once(digest: Digest, plan: () => Promise<Needs>): Promise<Needs> {
    const key = digest.toString();
    const before = this.known.get(key);
    if (before !== undefined) return before;
    if (this.known.size >= MAX_OBJECTS) {
      return obstacle(
        "undetermined",
        digest,
        `the repository needs more than ${MAX_OBJECTS} objects looked at`,
      );
    }
    const started = plan().catch((error: unknown): Needs => {
      if (error instanceof RegistryError) return obstacle("undetermined", digest, error.message);
      throw error;
    });
    this.known.set(key, started);
    return started;
  }

  private async planManifest(digest: Digest, mediaType: string | null, depth: number): Promise<Needs> {
    if (depth > MAX_DEPTH) return obstacle("undetermined", digest, `lies deeper than ${MAX_DEPTH} manifests`);
    const look = await this.lookAtManifest(digest);
    if (look === "stuck") {
      const found = await findManifest(this.context.sources, this.repository, digest, mediaType);
      return "obstacle" in found ? found.obstacle : removeData(digest);
    }
    if (look !== "absent") return this.withChildren(look, digest, [], depth);
    const found = await findManifest(this.context.sources, this.repository, digest, mediaType);
    if ("obstacle" in found) return found.obstacle;
    const put: RepairStep = {
      do: "put_manifest",
      tag: null,
      expected: null,
      digest,
      mediaType: found.mediaType,
      body: found.body,
      source: found.source,
    };
    return this.withChildren(found, digest, [put], depth);
  }

  /** `stuck`: data is in the way that a PUT of the right bytes would not overwrite. */
  private async lookAtManifest(digest: Digest): Promise<ProvenManifest | "absent" | "stuck"> {
    try {
      const answer = await this.context.client.manifest(this.repository, digest.toString());
      if (answer.kind === "absent") return "absent";
      if (answer.kind === "truncated" || !digest.verifies(answer.body)) return "stuck";
      const manifest = parseManifest(answer.body, answer.contentType);
      const source = "the registry itself";
      return { body: answer.body, mediaType: putType(manifest), source, manifest };
    } catch (error) {
      // Only where the walk has confirmed that its neighbours answer.
      const isKnown = this.damage.get(digest.toString()) === "unservable";
      if (isKnown && error instanceof RegistryError && error.code === "server_error") return "stuck";
      if (error instanceof MalformedError) {
        throw new RegistryError("bad_response", `the manifest is malformed: ${printable(error.message)}`);
      }
      throw error;
    }
  }

  private async withChildren(
    proven: ProvenManifest,
    digest: Digest,
    own: readonly RepairStep[],
    depth: number,
  ): Promise<Needs> {
    const steps: RepairStep[] = [];
    const obstacles: Obstacle[] = [];
    for (const { descriptor, role } of mentions(proven.manifest, null)) {
      // No pull needs a subject, and no registry asks for it.
      if (role === Role.subject || descriptor.digest.equals(digest)) continue;
      const needs = await this.mentioned(descriptor, role, depth);
      steps.push(...needs.steps);
      obstacles.push(...needs.obstacles);
    }
    return { steps: [...steps, ...own], obstacles, manifest: proven };
  }

  private mentioned(descriptor: Descriptor, role: Role, depth: number): Promise<Needs> {
    const { digest, size, mediaType } = descriptor;
    const isBlob = role === Role.config || role === Role.layer;
    if (isBlob || (mediaType !== "" && !isManifestType(mediaType))) return this.blob(digest, size);
    return this.manifest(digest, mediaType, depth + 1);
  }

  private async planBlob(digest: Digest, size: number): Promise<Needs> {
    const { client, sources, mounts } = this.context;
    const range = await client.blob(this.repository, digest, size, "range");
    const isKnownWrong = this.damage.get(digest.toString()) === "digest_mismatch";
    if (range.kind === "present" && !isKnownWrong) return NOTHING;
    if (range.kind === "absent" || range.kind === "truncated") {
      const head = await client.blob(this.repository, digest, size, "head");
      if (head.kind === "present") {
        const what = "the registry says that it has the blob and cannot give it: its cache outlived the data";
        const stale = obstacle("restart", digest, what);
        const found = await findBlob(sources, this.repository, digest, size);
        return "obstacle" in found
          ? { ...NOTHING, obstacles: [...stale.obstacles, ...found.obstacle.obstacles] }
          : stale;
      }
    }
    const from = range.kind === "absent" ? await mounts.find(this.repository, digest, size) : null;
    const found = await findBlob(sources, this.repository, digest, size);
    if (from !== null) {
      const fallback = "obstacle" in found ? null : found;
      return { ...NOTHING, steps: [{ do: "mount_blob", digest, size, from, fallback }] };
    }
    if ("obstacle" in found) return found.obstacle;
    if (range.kind !== "absent") return removeData(digest);
    return { ...NOTHING, steps: [{ do: "upload_blob", digest, size, found }] };
  }
}

function removeData(digest: Digest): Needs {
  return obstacle(
    "remove_data",
    digest,
    `${blobDataPath(digest)} holds other bytes, and a push does not overwrite it`,
  );
}
