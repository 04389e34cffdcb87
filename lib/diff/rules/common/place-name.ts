/** The first letter of a sentence. */
export function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** `maintenance/maintain.sh` and `maintain.sh` are one file to who reads of it. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
