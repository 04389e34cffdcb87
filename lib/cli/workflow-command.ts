/** Annotations that GitHub and Forgejo show beside the lines of a pull request. */

/** Where an annotation stands and how loud it is. */
export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
}

/** `::error file=…,line=…,title=…::message` and a line break. */
export function workflowCommand({ level, title, message, file, line }: Annotation): string {
  const place = [
    ...(file === null ? [] : [`file=${property(file)}`]),
    ...(line === null ? [] : [`line=${line}`]),
  ];
  return `::${level} ${[...place, `title=${property(title)}`].join(",")}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function property(text: string): string {
  return data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}
