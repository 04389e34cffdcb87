import { join } from "node:path";

/**
 * The bundled program: one ES module of `probe`, `verify` and `serve` that needs nothing but Node, to be carried
 * wherever nothing can be installed. Run it by `node <file> --help`.
 */
export const programFile: string = join(__dirname, "..", "cli", "tallyman.mjs");
