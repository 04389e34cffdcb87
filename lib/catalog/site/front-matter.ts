/** Lines of YAML between two of three dashes, and nothing else: what GitHub shows as a table above the text. */
const FRONT_MATTER = /^\ufeff?---[ \t]*\r?\n(?:(?:[\w-]+:|[ \t#-])[^\n]*\n|\r?\n)*?---[ \t]*(?:\r?\n|$)/;

/** The text behind its front matter; whole where it has none, also where it begins with a rule. */
export function withoutFrontMatter(markdown: string): string {
  return markdown.replace(FRONT_MATTER, "");
}
