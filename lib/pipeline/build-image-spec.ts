import type { ImageLock } from "../core/image-lock";
import type { VerifyPushSpec } from "./verify-push/verify-push-spec";
import type { CiVariable } from "./woodpecker/ci-text";
import type { Names, Paths } from "./woodpecker/condition";
import type { BackendOptions, SettingValue } from "./woodpecker/woodpecker-workflow";

/** As text, or from a variable of the run: whole, or its first characters. */
export type ImageTag = string | { readonly variable: CiVariable; readonly firstCharacters?: number };

/** An image that a repository builds, pushes and proves, each time that one of its files changes. */
export interface BuildImageSpec {
  /** `registry.example.com:5050/team/app`, without tag. */
  readonly image: string;
  /** @default latest, and the first 8 characters of the commit */
  readonly tags?: readonly ImageTag[];
  /** From the repository's root. @default Dockerfile */
  readonly dockerfile?: string;
  /** The folder that the build sees. @default the repository's root */
  readonly context?: string;
  /** As `linux/amd64`; the registry has to have every one of them afterwards. */
  readonly platforms: readonly [string, ...string[]];
  /** BuildKit's attestation: false for none, or `mode=max`. @default what BuildKit does by itself, a small one */
  readonly provenance?: boolean | string;
  /** Names of secrets in Woodpecker's store. */
  readonly credentials: { readonly username: string; readonly password: string };
  readonly branch: Names;
  /** A push that changes one of them starts a build. */
  readonly paths: Paths;
  /** Whether people and programs may start it too; the secrets have to be granted to that event. @default true */
  readonly manual?: boolean;
  /** How hard to look at what was pushed. @default every tag once, each blob's last byte, the library's own program */
  readonly verify?: Omit<VerifyPushSpec, "images" | "credentials" | "platforms" | "image">;
  /** The name of the secret with Slack's webhook URL. @default nobody is told */
  readonly slackWebhook?: string;
  /**
   * Further settings of the plugin.
   * https://woodpecker-ci.org/plugins/docker-buildx
   */
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** Has to have `sh` and Node 20.9 or later. @default NODE_IMAGE */
  readonly nodeImage?: string;
  /** @default BUILDX_PLUGIN_IMAGE */
  readonly pluginImage?: string;
  /** Digests for both images. @default none */
  readonly lock?: ImageLock;
  /**
   * Instead of WOODPECKER_PLUGINS_PRIVILEGED on the server, where an administrator trusts the repository with it.
   * @default false
   */
  readonly privileged?: boolean;
  /** Of every step. */
  readonly backendOptions?: BackendOptions;
  /** Of the agents that may take it. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The commit tells builds apart; latest is what others pull. */
export const DEFAULT_IMAGE_TAGS: readonly ImageTag[] = [
  "latest",
  { variable: "CI_COMMIT_SHA", firstCharacters: 8 },
];
