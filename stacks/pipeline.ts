import { Construct } from "constructs";
import type { ImageLock } from "../lib/core/image-lock";
import { buildImagePipeline } from "../lib/pipeline/build-image-pipeline";
import type { BuildImageSpec } from "../lib/pipeline/build-image-spec";
import { Artifact } from "../lib/terraform/artifacts";

/** What an infrastructure builds by its own pipelines, by the names of their files. */
export interface PipelineEstate {
  readonly images: Readonly<Record<string, ImageEstate>>;
}

export interface ImageEstate extends Omit<BuildImageSpec, "image" | "lock"> {
  /** In the private registry of the host. */
  readonly repository: string;
}

export interface ImagePipelinesOptions {
  /** `host:port` of the private registry, as images are pulled from there. */
  readonly registry: string;
  readonly lock: ImageLock;
  /** @default the program beside the compiled library */
  readonly verifyFile?: string;
}

/** The files for `.woodpecker/`, each an artifact `pipeline/<name>.yml`. */
export class ImagePipelines extends Construct {
  /** By the same names. */
  readonly files: Readonly<Record<string, Artifact>>;

  constructor(scope: Construct, id: string, estate: PipelineEstate, options: ImagePipelinesOptions) {
    super(scope, id);
    const { registry, lock, verifyFile } = options;
    const program =
      verifyFile === undefined ? {} : { program: { kind: "inline", file: verifyFile } as const };
    this.files = Object.fromEntries(
      Object.entries(estate.images).map(([name, { repository, verify, ...spec }]) => {
        const image = `${registry}/${repository}`;
        const content = buildImagePipeline({ ...spec, image, lock, verify: { ...program, ...verify } });
        return [name, new Artifact(this, name, { path: `pipeline/${name}.yml`, content })];
      }),
    );
  }
}
