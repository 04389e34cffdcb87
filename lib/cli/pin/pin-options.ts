import { readFileSync } from "node:fs";
import { ImageLock, ImageLockError } from "../../core/image-lock";
import { ImagePin } from "../../core/image-pin";
import { ConfigurationError } from "../../core/problem";
import { isObject } from "../../oci/descriptor";
import { type ImageReference, parseImageReference } from "../../oci/reference";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";
import { errorCode } from "../error-code";
import { type ConnectionOptions, readConnection, readText } from "../walk-options";
import { DEFAULT_LOCK } from "./pin-spec";

export { PIN_COMMAND } from "./pin-spec";

const IMAGES_SCHEMA = "tallyman.images/1";

/** An image to resolve. */
export interface PinTarget {
  /** Of the lock: `name:tag`. */
  readonly key: string;
  readonly reference: ImageReference;
  readonly tag: string;
  /** What the user wrote behind the tag, or null. */
  readonly writtenDigest: string | null;
}

export interface PinOptions {
  readonly targets: readonly PinTarget[];
  readonly lockFile: string;
  readonly lock: ImageLock;
  readonly check: boolean;
  readonly connection: ConnectionOptions;
}

/** Without an image and without --from: what the lock holds already. @throws UsageError */
export function readPinOptions(raw: RawArguments): PinOptions {
  const reader = new OptionReader(raw.values);
  const lockFile = reader.text("lock") ?? DEFAULT_LOCK;
  const check = reader.flag("check");
  const lock = readLock(lockFile, check);
  const from = reader.text("from");
  const named = [...raw.positionals, ...(from === null ? [] : readImages(from))];
  const images = raw.positionals.length === 0 && from === null ? [...lock.images.keys()] : named;
  if (images.length === 0) {
    throw new UsageError("pin needs an image, as `tallyman pin registry:2.8.3`, or --from <images.json>");
  }
  const targets = new Map(images.map((image) => readTarget(image)).map((target) => [target.key, target]));
  return { targets: [...targets.values()], lockFile, lock, check, connection: readConnection(reader) };
}

function readTarget(text: string): PinTarget {
  const reference = parseImageReference(text);
  if ("problem" in reference) throw new UsageError(`${quoted(text)} is no image: ${reference.problem}`);
  const pin = pinOf(text.replace(/^https?:\/\//, ""));
  const key = ImageLock.keyOf(pin);
  if (key === null || pin.tag === null) {
    throw new UsageError(`${quoted(text)} has no tag to resolve: it names its digest already`);
  }
  return { key, reference, tag: pin.tag, writtenDigest: pin.digest };
}

/** A lock is for tags that stand: one that floats would be out of date by the next commit. */
function pinOf(text: string): ImagePin {
  try {
    return ImagePin.of(text);
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(error.message);
    throw error;
  }
}

function readLock(path: string, mustExist: boolean): ImageLock {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" && !mustExist) return ImageLock.EMPTY;
    throw new UsageError(`the lock ${JSON.stringify(path)} cannot be read (${code})`);
  }
  try {
    return ImageLock.parse(text);
  } catch (error) {
    if (!(error instanceof ImageLockError)) throw error;
    throw new UsageError(`the lock ${JSON.stringify(path)} ${error.message}`);
  }
}

function readImages(path: string): readonly string[] {
  const text = readText(path, "--from");
  const wrong = (what: string): UsageError =>
    new UsageError(
      `--from ${JSON.stringify(path)} ${what}: it holds {"schema":"${IMAGES_SCHEMA}","images":[…]}`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong("is no JSON");
  }
  if (!isObject(json) || json.schema !== IMAGES_SCHEMA) throw wrong(`is not of the schema ${IMAGES_SCHEMA}`);
  const images: unknown = json.images;
  if (!Array.isArray(images)) throw wrong("has no list of images");
  return images.map((image: unknown) => {
    if (typeof image !== "string") throw wrong("lists what is no text");
    return image;
  });
}
