/** An image as a file names it, be it sound or not. */
export interface ImageName {
  /** As written, with defaults of `${NAME:-default}` filled in. */
  readonly text: string;
  /** Without registry, tag and digest: `library/registry` and `registry` both give `registry`. */
  readonly path: string;
  readonly tag: string | null;
  readonly hasDigest: boolean;
}

/** Null for a text that only its template knows, such as `${var.image}`. */
export function readImageName(written: string): ImageName | null {
  const text = written.trim().replace(/\$\{\w+:?-([^}]*)\}/g, "$1");
  if (text === "" || /[${}%\s]/.test(text)) return null;
  const [tagged = "", digest] = text.split("@");
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  const name = colon < 0 ? tagged : tagged.slice(0, colon);
  const tag = colon < 0 ? null : tagged.slice(colon + 1);
  const parts = name.split("/");
  const isHost = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] as string);
  const path = (isHost ? parts.slice(1) : parts).join("/").replace(/^library\//, "");
  return { text, path, tag, hasDigest: digest !== undefined };
}

/** The program of the distribution project, which this audit is about. */
export function isRegistryImage(image: ImageName): boolean {
  return image.path === "registry" || image.path === "distribution/distribution";
}

/** A page that lists a registry's images. */
export function isRegistryUi(image: ImageName): boolean {
  return /(^|\/)docker-registry-(ui|browser|frontend)$/.test(image.path);
}

/** 2, 3, or null where the tag does not say: `latest`, none, a digest alone. */
export function registryMajorOf({ tag }: ImageName): 2 | 3 | null {
  const major = /^v?([0-9]+)(?:[._-]|$)/.exec(tag ?? "")?.[1];
  return major === undefined ? null : Number(major) < 3 ? 2 : 3;
}
