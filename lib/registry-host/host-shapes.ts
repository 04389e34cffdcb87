import { isRecord, kindOf, objectWith, recordOf, type Shape, type Shapes, text } from "../core/shape";
import type { RegistryHostOptions } from "./host-spec";
import type { Ssh } from "./ssh";

const FILE: Shape = text("Write an absolute path on the host.");
const TLS: Shape = {
  ...objectWith("be the certificate's files", "Write { certificateFile, keyFile }.", () => true),
  fields: () => ({ certificateFile: FILE, keyFile: FILE }),
};
const REGISTRY: Shape = {
  ...kindOf("be a registry", "Write writable({ … }) or cacheOf(upstream, { … }).", ["private", "cache"]),
  fields: ({ kind }) =>
    kind === "cache"
      ? { upstream: text('Write its base URL, such as "https://ghcr.io".') }
      : { hostname: text("Write the name that clients pull by."), tls: TLS, htpasswdFile: FILE },
};

export const HOST_SHAPES: Shapes<RegistryHostOptions & { readonly ssh: Ssh }> = {
  ssh: objectWith(
    "be an Ssh",
    'Write Ssh.to("192.0.2.10", { hostKey }).',
    ({ host, options }) => typeof host === "string" && isRecord(options),
  ),
  root: text('Write a folder of the host, such as "/opt/registry".'),
  image: {
    rule: "be an image",
    fix: 'Write "registry:2.8.3".',
    isMet: (value) => typeof value === "string" || (isRecord(value) && typeof value.name === "string"),
  },
  registries: recordOf(
    REGISTRY,
    "be an object of registries by their names",
    "Write { private: writable({ … }) }.",
  ),
};
