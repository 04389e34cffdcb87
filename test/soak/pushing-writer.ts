import type { PlantedDamage } from "./planted-damage";
import type { PushingClient } from "./pushing-client";
import { REPOSITORIES, TAGS } from "./random-writer";
import { SeededImages } from "./seeded-images";
import type { SeededRandom } from "./seeded-random";

/** `RandomWriter` by a real registry's API: what a tag leads to is always whole. */
export class PushingWriter {
  /** Writes done. */
  writes = 0;
  private readonly images: SeededImages;

  constructor(
    private readonly client: PushingClient,
    private readonly damage: PlantedDamage,
    private readonly random: SeededRandom,
  ) {
    this.images = new SeededImages(random);
  }

  /** Something to begin with. */
  async fill(): Promise<void> {
    for (const repository of REPOSITORIES) {
      for (const tag of TAGS.slice(0, 2)) await this.client.push(repository, tag, this.images.any());
    }
  }

  async write(isOver: () => boolean, pause: (ms: number) => Promise<void>): Promise<void> {
    const { client, random } = this;
    while (!isOver()) {
      const [repository, tag] = [random.of(REPOSITORIES), random.of(TAGS)];
      const other = client.imageAt(repository, random.of(TAGS));
      const dice = random.next();
      if (dice < 0.15) await this.delete(repository, tag);
      // A tag that moves to what is there, or comes back.
      else if (dice < 0.35 && other !== null) await client.push(repository, tag, other);
      else if (dice < 0.4) await client.push(`passing/${random.between(1, 3)}`, tag, this.images.any());
      else await client.push(repository, tag, this.images.any());
      this.writes++;
      await pause(random.between(5, 250));
    }
  }

  /** A registry deletes the manifest first and its tags then. */
  private async delete(repository: string, tag: string): Promise<void> {
    const image = this.client.imageAt(repository, tag);
    if (image === null) return;
    await this.damage.halfDone({ kind: "manifest_missing", repository }, () =>
      this.client.delete(repository, image),
    );
  }
}
