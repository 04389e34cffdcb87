import { createHash } from "node:crypto";
import { MediaType } from "../../lib/oci/media-type";
import { type LayerPlace, nameOf } from "./blob-name";
import { baseOf, type EstateShape, tagsIn } from "./estate-shape";

/** One push of one tag. */
export interface TagPlace {
  readonly repository: number;
  readonly tag: number;
  /** Pushes of the tag before this one. */
  readonly version: number;
}

/** An object whose digest is the true one of its bytes. */
export interface TrueObject {
  readonly kind: "index" | "image" | "config";
  readonly hex: string;
  readonly body: Buffer;
  readonly place: TagPlace;
}

export interface Layer {
  readonly hex: string;
  readonly size: number;
  /** null where the layer is a name alone. */
  readonly body: Buffer | null;
  readonly place: LayerPlace;
}

export interface Image extends TrueObject {
  readonly platform: string;
  readonly config: TrueObject;
  readonly layers: readonly Layer[];
}

export interface Index extends TrueObject {
  readonly images: readonly Image[];
}

const NAME = /^team-([0-9]{2})\/app-([0-9]{6})$/;
const TEAMS = 40;
const REMEMBERED_STACKS = 256;

/** Every byte of a registry as a function of where it stands: nothing is stored, and all digests of manifests are true. */
export class SyntheticEstate {
  /** The shared layers of repositories that were asked for last, and how a manifest writes them. */
  private readonly stacks = new Map<number, { readonly layers: readonly Layer[]; readonly text: string }>();

  constructor(readonly shape: EstateShape) {}

  repositoryName(repository: number): string {
    const team = Math.floor((repository * TEAMS) / this.shape.repositories);
    return `team-${`${team}`.padStart(2, "0")}/app-${`${repository}`.padStart(6, "0")}`;
  }

  /** null for a name that the estate does not have. */
  repositoryNumber(name: string): number | null {
    const repository = Number(NAME.exec(name)?.[2] ?? Number.NaN);
    return repository < this.shape.repositories && this.repositoryName(repository) === name
      ? repository
      : null;
  }

  tagName(tag: number): string {
    return `v1.${tag}`;
  }

  /** null for what no tag is called. */
  tagNumber(name: string): number | null {
    const match = /^v1\.(0|[1-9][0-9]{0,4})$/.exec(name);
    return match === null ? null : Number(match[1]);
  }

  /** Tags of the beginning; pushes add to them. */
  tagsIn(repository: number): number {
    return tagsIn(this.shape, repository);
  }

  baseOf(repository: number): number {
    return baseOf(this.shape, repository);
  }

  index(place: TagPlace): Index {
    const images = this.shape.platforms.map((_, platform) => this.image(place, platform));
    const entries = images.map(({ hex, body, platform }) => {
      const [os, architecture] = platform.split("/");
      return (
        `{"mediaType":"${MediaType.ociManifest}","digest":"sha256:${hex}","size":${body.length},` +
        `"platform":{"architecture":"${architecture}","os":"${os}"}}`
      );
    });
    const text = `{"schemaVersion":2,"mediaType":"${MediaType.ociIndex}","manifests":[${entries.join(",")}]}`;
    return { ...trueObject("index", text, place), images };
  }

  image(place: TagPlace, platformNumber: number): Image {
    const platform = this.shape.platforms[platformNumber] as string;
    const config = this.config(place, platform);
    const shared = this.sharedLayers(place.repository, platformNumber);
    const own: Layer[] = [];
    let text = shared.text;
    for (let layer = 0; layer < this.shape.ownLayers; layer++) {
      const { repository: owner, tag, version } = place;
      const one = this.layer({ scope: 2, owner, tag, version, platform: platformNumber, layer });
      own.push(one);
      text += `${text === "" ? "" : ","}${descriptor(MediaType.ociLayerGzip, one.hex, one.size)}`;
    }
    const written =
      `{"schemaVersion":2,"mediaType":"${MediaType.ociManifest}",` +
      `"config":${descriptor(MediaType.ociConfig, config.hex, config.body.length)},"layers":[${text}]}`;
    return {
      ...trueObject("image", written, place),
      platform,
      config,
      layers: [...shared.layers, ...own],
    };
  }

  /** The layer at that place, whether or not the estate has the place. */
  layer(place: LayerPlace): Layer {
    const { seed, hasTrueLayers } = this.shape;
    if (hasTrueLayers !== true) {
      const hex = nameOf(seed, place);
      return { hex, size: sizeOf(Number.parseInt(hex.slice(0, 8), 16)), body: null, place };
    }
    const { scope, owner, tag, version, platform, layer } = place;
    const body = Buffer.from(
      `layer ${seed} ${scope} ${owner} ${tag} ${version} ${platform} ${layer}\n`.repeat(4),
    );
    return { hex: sha256(body), size: body.length, body, place };
  }

  private sharedLayers(repository: number, platform: number) {
    const key = repository * 256 + platform;
    const known = this.stacks.get(key);
    if (known !== undefined) return known;
    const { baseLayers, repositoryLayers } = this.shape;
    const common = { tag: 0, version: 0, platform };
    const layers = [
      ...Array.from({ length: baseLayers }, (_, layer) =>
        this.layer({ ...common, scope: 0, owner: this.baseOf(repository), layer }),
      ),
      ...Array.from({ length: repositoryLayers }, (_, layer) =>
        this.layer({ ...common, scope: 1, owner: repository, layer }),
      ),
    ];
    const text = layers.map(({ hex, size }) => descriptor(MediaType.ociLayerGzip, hex, size)).join(",");
    const stack = { layers, text };
    this.stacks.set(key, stack);
    const [oldest] = this.stacks.keys();
    if (this.stacks.size > REMEMBERED_STACKS && oldest !== undefined) this.stacks.delete(oldest);
    return stack;
  }

  private config(place: TagPlace, platform: string): TrueObject {
    const [os, architecture] = platform.split("/");
    const { repository, tag, version } = place;
    const labels = `{"repository":"${repository}","tag":"${tag}","version":"${version}"}`;
    const text =
      `{"architecture":"${architecture}","os":"${os}","config":{"Labels":${labels}},` +
      '"rootfs":{"type":"layers","diff_ids":[]}}';
    return trueObject("config", text, place);
  }
}

function descriptor(mediaType: string, hex: string, size: number): string {
  return `{"mediaType":"${mediaType}","digest":"sha256:${hex}","size":${size}}`;
}

/** 1 MiB to 64 MiB, most of them small. */
function sizeOf(word: number): number {
  return 2 ** 20 + Math.floor((word / 2 ** 32) ** 3 * 63 * 2 ** 20);
}

function trueObject(kind: TrueObject["kind"], text: string, place: TagPlace): TrueObject {
  const body = Buffer.from(text);
  return { kind, hex: sha256(body), body, place };
}

function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}
