import type { Problem } from "./problem";

/** What a value has to be before anything else is asked of it: not every caller is typed. */
export interface Shape {
  /** Completes "must …". */
  readonly rule: string;
  readonly fix: string;
  readonly isMet: (value: unknown) => boolean;
  /** Of a list's elements, or of a record's values. */
  readonly each?: Shape;
  /** What it must hold itself. */
  readonly fields?: (value: Readonly<Record<string, unknown>>) => Readonly<Record<string, Shape>>;
}

/** By the names of the props that a construct requires. */
export type Shapes<Props> = { readonly [K in RequiredKeys<Props>]: Shape };

/** Names of the props that cannot be left out. */
export type RequiredKeys<Props> = {
  [K in keyof Props]-?: object extends Pick<Props, K> ? never : K;
}[keyof Props];

/** What of the required props is no such value, to be said before the props are read. */
export function checkShapes<Props>(props: Props, shapes: Shapes<Props>): readonly Problem[] {
  const named: readonly (readonly [string, Shape])[] = Object.entries(shapes);
  if (!isRecord(props)) {
    const fix = `Give { ${named.map(([name]) => name).join(", ")} }.`;
    return [{ path: "props", rule: "be an object", value: props, fix }];
  }
  return named.flatMap(([name, shape]) => checkShape(props[name], shape, name));
}

export function checkShape(value: unknown, shape: Shape, path: string): readonly Problem[] {
  const { rule, fix, isMet, each, fields } = shape;
  if (!isMet(value)) return [{ path, rule, value, fix }];
  if (fields !== undefined && isRecord(value)) {
    const named = Object.entries(fields(value));
    return named.flatMap(([name, field]) => checkShape(value[name], field, `${path}.${name}`));
  }
  if (each === undefined) return [];
  return Array.isArray(value)
    ? value.flatMap((one, at) => checkShape(one, each, `${path}[${at}]`))
    : Object.entries(Object(value)).flatMap(([name, one]) => checkShape(one, each, `${path}.${name}`));
}

export function text(fix: string): Shape {
  return { rule: "be a text", fix, isMet: (value) => typeof value === "string" };
}

/** An object of which enough is known to read it; by its fields, as two copies of a package have two classes. */
export function objectWith(
  rule: string,
  fix: string,
  isMet: (value: Readonly<Record<string, unknown>>) => boolean,
): Shape {
  return { rule, fix, isMet: (value) => isRecord(value) && isMet(value) };
}

/** An object that says its kind. */
export function kindOf(rule: string, fix: string, kinds: readonly string[]): Shape {
  return objectWith(rule, fix, ({ kind }) => typeof kind === "string" && kinds.includes(kind));
}

export function listOf(each: Shape, rule: string, fix: string): Shape {
  return { rule, fix, isMet: Array.isArray, each };
}

export function recordOf(each: Shape, rule: string, fix: string): Shape {
  return { ...objectWith(rule, fix, () => true), each };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
