import { readFileSync } from "node:fs";
import { defaultVerifyProgramFile } from "./check-verify-program";
import { shellQuote } from "./shell-quote";
import type { VerifyProgram } from "./verify-push-spec";

/** How a step starts the program: what it needs in its environment, and the words before the program's own. */
export interface ProgramStart {
  readonly environment: Readonly<Record<string, string>>;
  /** Shell words, to be followed by `verify …`. */
  readonly words: string;
}

/**
 * An environment variable and not a here-document: pipelines print every command that they run, some carry it twice,
 * and no image needs a writable disk for it.
 */
const PROGRAM_VARIABLE = "TALLYMAN_PROGRAM";
const FETCH_TIMEOUT_MS = 60_000;
const MAX_PROGRAM_BYTES = 4 * 1024 * 1024;

/** @param program checked before; reads the inline one from its file */
export function startOf(program: VerifyProgram = { kind: "inline" }): ProgramStart {
  if (program.kind === "url") return { environment: {}, words: nodeWords(fetchScript(program)) };
  const bytes = readFileSync(program.file ?? defaultVerifyProgramFile());
  return { environment: { [PROGRAM_VARIABLE]: bytes.toString("base64") }, words: nodeWords(INLINE_SCRIPT) };
}

/** The second `--` ends Node's own options: what follows is the program's. */
function nodeWords(script: string): string {
  return `node -e ${shellQuote(script)} --`;
}

/** What fails before the program runs is no verdict: 2, not the 1 of an exception. */
const REFUSE =
  'const refuse = (error) => { console.error("verify-push: the program did not start: " + error.message); process.exitCode = 2; };';
/** With a name in front, as if Node had been given a file. */
const RUN =
  'const run = (bytes) => { process.argv.splice(1, 0, "tallyman"); return import("data:text/javascript;base64," + bytes.toString("base64")); };';

const INLINE_SCRIPT = [
  REFUSE,
  RUN,
  `const load = async () => require("node:zlib").inflateSync(Buffer.from(process.env.${PROGRAM_VARIABLE} || "", "base64"));`,
  "load().then(run).catch(refuse);",
].join(" ");

/** The hash is asked before a byte of it runs; a redirect may lead elsewhere, but not to plain HTTP. */
function fetchScript({ url, sha256 }: { readonly url: string; readonly sha256: string }): string {
  return [
    REFUSE,
    RUN,
    "const load = async (url, expected) => {",
    `const answer = await fetch(url, { signal: AbortSignal.timeout(${FETCH_TIMEOUT_MS}) });`,
    'if (!answer.url.startsWith("https:")) throw new Error("a redirect leads away from https");',
    'if (answer.status !== 200) throw new Error("its URL answered " + answer.status);',
    "const chunks = []; let length = 0;",
    "for await (const chunk of answer.body) {",
    `chunks.push(chunk); length += chunk.length; if (length > ${MAX_PROGRAM_BYTES}) throw new Error("it has more than ${MAX_PROGRAM_BYTES} bytes"); }`,
    "const bytes = Buffer.concat(chunks);",
    'const actual = require("node:crypto").createHash("sha256").update(bytes).digest("hex");',
    'if (actual !== expected) throw new Error("its sha256 must be " + expected + ", got " + actual);',
    "return bytes; };",
    `load(${JSON.stringify(url)}, ${JSON.stringify(sha256)}).then(run).catch(refuse);`,
  ].join(" ");
}
