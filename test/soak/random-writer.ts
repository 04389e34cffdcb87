import { allManifests, type EmbeddedRegistry } from "../../lib/testing";
import { SeededImages } from "./seeded-images";
import type { SeededRandom } from "./seeded-random";

export const REPOSITORIES = ["team/api", "team/web", "base", "tools/deep/nested"];
export const TAGS = ["latest", "v1", "v2", "v3", "stable"];

/** Pushes, moves and deletes tags as people and pipelines do; what a tag leads to is always whole. */
export class RandomWriter {
  /** Writes done. */
  writes = 0;
  private readonly images: SeededImages;

  constructor(
    private readonly registry: EmbeddedRegistry,
    private readonly random: SeededRandom,
  ) {
    this.images = new SeededImages(random);
  }

  /** Something to begin with. */
  fill(): void {
    for (const repository of REPOSITORIES) {
      for (const tag of TAGS) this.registry.put(repository, tag, this.images.any());
    }
  }

  async write(isOver: () => boolean, pause: (ms: number) => Promise<void>): Promise<void> {
    const { random, registry } = this;
    while (!isOver()) {
      const [repository, tag] = [random.of(REPOSITORIES), random.of(TAGS)];
      const dice = random.next();
      if (dice < 0.6) await this.push(repository, tag, pause);
      else if (dice < 0.75) this.move(repository, tag);
      else if (dice < 0.85) this.deleteTag(repository, tag);
      else if (dice < 0.95) this.deleteManifest(repository, tag);
      // A whole repository comes and goes.
      else registry.put(`passing/${random.between(1, 3)}`, tag, this.images.any());
      this.writes++;
      await pause(random.between(5, 120));
    }
  }

  /** As a client does: blobs, then the images, then what lists them, the tag last. */
  private async push(repository: string, tag: string, pause: (ms: number) => Promise<void>): Promise<void> {
    const image = this.images.any();
    const { storage } = this.registry;
    for (const manifest of allManifests(image)) {
      for (const [digest, data] of manifest.blobs) {
        storage.putBlob(repository, digest, data);
        await pause(this.random.between(0, 8));
      }
      storage.putManifest(repository, manifest.digest, manifest.mediaType, manifest.body);
      await pause(this.random.between(0, 15));
    }
    // Somebody else may have deleted it meanwhile: a registry takes a manifest only with all that it names.
    this.registry.put(repository, tag, image);
  }

  private move(repository: string, tag: string): void {
    const { storage } = this.registry;
    const other = storage.tagLink(repository, this.random.of(TAGS));
    if (typeof other === "string" && storage.revision(repository, other) !== null) {
      storage.moveTag(repository, tag, other);
    }
  }

  private deleteTag(repository: string, tag: string): void {
    const { storage } = this.registry;
    if (storage.tagLink(repository, tag) !== undefined) storage.deleteTag(repository, tag);
  }

  /** By digest, with every tag that leads to it, unless an index lists it. */
  private deleteManifest(repository: string, tag: string): void {
    const { storage } = this.registry;
    const digest = storage.tagLink(repository, tag);
    const isRoot = typeof digest === "string" && this.images.has(digest);
    if (isRoot) storage.deleteManifest(repository, digest);
  }
}
