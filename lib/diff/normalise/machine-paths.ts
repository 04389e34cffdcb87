import { posix } from "node:path";

/** Stands where a path of the machine that synthesized stood. */
export const FOLDER = "<folder>";

const FILE_FUNCTION =
  /\b(file|filebase64|filemd5|file(?:base64)?sha(?:1|256|512)|fileset|templatefile)\((\\?")(\/[^"\\]*)/g;

/** The absolute paths that differ between two checkouts of the same commit. */
export class MachinePaths {
  private readonly root: string | null;

  /**
   * @param root the checkout's absolute path; null where it is not known. A root of one part (`/app`) is not looked
   *   for, as containers have the same paths.
   * @param isEveryFileHidden whether of any absolute path that a function of Terraform reads only the name stays
   */
  constructor(
    root: string | null,
    private readonly isEveryFileHidden = false,
  ) {
    const isTelling = root !== null && root.split("/").filter((part) => part !== "").length > 1;
    this.root = isTelling ? root : null;
  }

  /** The text without the checkout's path, where it is a path as a whole or inside of what Terraform evaluates. */
  hide(text: string, isTemplate: boolean): string {
    const hidden = this.hideRoot(text, isTemplate);
    if (!this.isEveryFileHidden || !isTemplate) return hidden;
    return hidden.replace(
      FILE_FUNCTION,
      (_whole, name: string, quote: string, path: string) => `${name}(${quote}${nameOnly(path)}`,
    );
  }

  private hideRoot(text: string, isTemplate: boolean): string {
    const { root } = this;
    if (root === null || !text.includes(root)) return text;
    if (text === root) return FOLDER;
    if (!isTemplate) return text.startsWith(`${root}/`) ? `${FOLDER}${text.slice(root.length)}` : text;
    return text
      .replaceAll(`"${root}/`, `"${FOLDER}/`)
      .replace(new RegExp(`^${escapeRegExp(root)}/`), `${FOLDER}/`);
  }
}

/** An absolute path by its name alone, for what is about the machine by its nature, as where a state lies. */
export function nameOnly(path: string): string {
  return posix.isAbsolute(path) ? `${FOLDER}/${posix.basename(path)}` : path;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
