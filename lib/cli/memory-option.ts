import { type Remembering, rememberInFile, rememberInProcess } from "../integrity/memory/remembering";
import { type OptionReader, quoted, UsageError } from "./arguments";

/** Where `--memory` says that a walk's memory is kept; `process`: nowhere but in the process. */
export type MemoryOption = { readonly kind: "file"; readonly path: string } | { readonly kind: "process" };

/** @throws UsageError */
export function readMemory(reader: OptionReader): MemoryOption | null {
  const text = reader.text("memory");
  if (text === null) return null;
  if (text === "process") return { kind: "process" };
  if (text === "" || text.endsWith("/")) {
    throw new UsageError(`--memory must name a file, got ${quoted(text)}`);
  }
  return { kind: "file", path: text };
}

/** @param walkers how many registries share the process */
export function rememberingBy(option: MemoryOption | null, walkers: number): Remembering | null {
  if (option === null) return null;
  return option.kind === "file" ? rememberInFile(option.path) : rememberInProcess(walkers);
}
