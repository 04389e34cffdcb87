import { commandsThroughout, type ShellCommand } from "../documents/shell-commands";

/**
 * The words as one command at the line of the word that tells most, or, where the last is a script of several
 * lines (`sh -c |`), that script's commands.
 */
export function wordsAsCommands(
  words: readonly { readonly text: string; readonly line: number; readonly isBlock: boolean }[],
): readonly ShellCommand[] {
  const blocks = words.filter(({ isBlock }) => isBlock);
  const plain = words.filter(({ isBlock }) => !isBlock);
  const told = plain.find(({ text }) =>
    /garbage-collect|\/v2\/|\b(apk|apt-get|apt|pip3?|rm|curl)\s/.test(text),
  );
  const first = told ?? plain[0];
  return [
    ...(first === undefined
      ? []
      : [{ text: plain.map(({ text }) => text.replace(/\s*\n\s*/g, " ; ")).join(" "), line: first.line }]),
    ...blocks.flatMap(({ text, line }) =>
      commandsThroughout(text).map((each) => ({ text: each.text, line: each.line + line - 1 })),
    ),
  ];
}
