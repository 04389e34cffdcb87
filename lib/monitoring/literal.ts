import type { Problem } from "../core/problem";

/** Whether a text holds a value that only Terraform knows. */
export type IsToken = (text: string) => boolean;

/** Checks a value from which ids or schedules derive: a token cannot stand there. */
export function checkLiteral(
  text: string,
  path: string,
  isToken: IsToken,
  check: (text: string, path: string) => readonly Problem[],
): readonly Problem[] {
  if (!isToken(text)) return check(text, path);
  const fix = "Write the text itself: it must be known when the stack is synthesized.";
  return [{ path, rule: "be literal", value: "an unresolved token", fix }];
}

export function checkPort(port: number, path: string): readonly Problem[] {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return [];
  return [{ path, rule: "be a port from 1 to 65535", value: port, fix: "Write a number such as 443." }];
}

/** The entries whose form can be checked before Terraform resolves the others. */
export function literalEntries(
  map: Readonly<Record<string, string>> | undefined,
  isToken: IsToken,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map ?? {}).filter(([key, value]) => !isToken(key) && !isToken(value)),
  );
}
