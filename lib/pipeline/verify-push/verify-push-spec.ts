import type { Duration } from "../../core/duration";
import type { StepValue } from "../step-script";

/** A value that only the run knows: an environment variable that the pipeline sets, as `CI_COMMIT_SHA`. */
export interface PipelineVariable {
  readonly variable: string;
}

/** A tag as text, or what a variable of the pipeline holds: whole, or its first characters. */
export type PushedTag = string | (PipelineVariable & { readonly firstCharacters?: number });

/** Each tag is proven: two of the same bytes are two references, and either may break alone. */
export interface PushedImage {
  /** `registry.example.com:5050/team/app`, without tag; `http://` in front speaks plain HTTP. */
  readonly name: string;
  /** Every tag that the build pushed, `latest` too. At least one. */
  readonly tags: readonly PushedTag[];
}

/** Where the build left the digest of what it pushed: a file of the workspace, or a variable. */
export type BuiltDigest =
  | { readonly kind: "file"; readonly path: string }
  /** What `docker buildx build --metadata-file` writes: JSON with `containerimage.digest`. */
  | { readonly kind: "metadata-file"; readonly path: string }
  | { readonly kind: "variable"; readonly variable: string };

/** `anonymous` is said and never assumed: a step whose secrets did not arrive fails. */
export type PushCredentials =
  | {
      readonly kind: "secrets";
      readonly username: StepValue | PipelineVariable;
      readonly password: { readonly secret: string };
    }
  /** A Docker config file of the workspace, with credentials by host. */
  | { readonly kind: "docker-config"; readonly path: string }
  | { readonly kind: "anonymous" };

/** The program that the step runs: carried in its environment, or fetched and run only if its hash is the one expected. */
export type VerifyProgram =
  /** @default file: the one that the build lays beside the library */
  | { readonly kind: "inline"; readonly file?: string }
  /** `https` alone; SHA-256 in lower-case hexadecimal. */
  | { readonly kind: "url"; readonly url: string; readonly sha256: string };

/** What a build pushed, and how hard to look at it. */
export interface VerifyPushSpec {
  /** A list in a variable holds whole references, `name:tag`, separated by commas, spaces or line breaks. */
  readonly images: readonly PushedImage[] | PipelineVariable;
  readonly credentials: PushCredentials;
  /** As `linux/amd64`: each image must have these. @default none is demanded */
  readonly platforms?: readonly string[];
  /** Every reference must resolve to it. @default any digest will do */
  readonly digest?: BuiltDigest;
  /** Ask for each blob's last byte, or read and hash all of it. @default "range" */
  readonly blobs?: "range" | "full";
  /** Look again after so long, as a garbage collection or a replication may undo a push. @default one look */
  readonly recheckAfter?: Duration;
  /** For one look. @default 10 minutes */
  readonly deadline?: Duration;
  /** PEM file of the workspace with further certificate authorities. @default the system's alone */
  readonly caFile?: string;
  /** `host:port` to dial in place of the registry's name. @default the name */
  readonly address?: string;
  /** A Node of 20.9 or later, pinned. @default NODE_IMAGE */
  readonly image?: string;
  /** @default inline */
  readonly program?: VerifyProgram;
}
