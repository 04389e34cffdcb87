/** nginx's own syntax. https://nginx.org/en/docs/beginners_guide.html#conf_structure */

/** A simple directive, or a block where it has children. */
export interface NginxDirective {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly NginxDirective[] | null;
  /** Lines above it, without `#`. */
  readonly comment: string | null;
}

/** `name args;` */
export function directive(name: string, ...args: readonly string[]): NginxDirective {
  return { name, args, block: null, comment: null };
}

/** `name args { … }` */
export function block(
  name: string,
  args: readonly string[],
  children: readonly NginxDirective[],
): NginxDirective {
  return { name, args, block: children, comment: null };
}

/** The same with a comment above it. */
export function commented(comment: string, of: NginxDirective): NginxDirective {
  return { ...of, comment };
}

/** Two spaces for each level; an argument is quoted where it must be. */
export function renderNginx(directives: readonly NginxDirective[]): string {
  return `${lines(directives, "").join("\n")}\n`;
}

function lines(directives: readonly NginxDirective[], indent: string): readonly string[] {
  return directives.flatMap(({ name, args, block: children, comment }) => {
    const head = `${indent}${[name, ...args.map(quote)].join(" ")}`;
    const above = comment === null ? [] : comment.split("\n").map((line) => `${indent}# ${line}`);
    return children === null
      ? [...above, `${head};`]
      : [...above, `${head} {`, ...lines(children, `${indent}  `), `${indent}}`];
  });
}

/** A variable stays one inside quotes: nginx has no way to write a literal `$`. */
function quote(text: string): string {
  if (/^[^\s;{}"'\\#]+$/.test(text)) return text;
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
