import { createReadStream } from "node:fs";
import { type InUse, PodListError, parsePodList } from "../../integrity/retention/in-use";
import { UsageError } from "../arguments";
import { errorCode } from "../error-code";

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * What runs, from standard input (`-`) or a file of at most 256 MiB.
 * @throws UsageError for what is no whole list of pods
 */
export async function readPods(from: string, maxBytes = MAX_BYTES): Promise<InUse> {
  const text = await readBounded(from, maxBytes);
  try {
    return parsePodList(text);
  } catch (error) {
    if (!(error instanceof PodListError)) throw error;
    throw new UsageError(
      `--in-use must be the output of \`kubectl get pods -A -o json\`, and what ${name(from)} holds ${error.message}`,
    );
  }
}

async function readBounded(from: string, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of from === "-" ? process.stdin : createReadStream(from)) {
      const part = Buffer.from(chunk as Buffer | string);
      bytes += part.length;
      if (bytes > maxBytes) throw new UsageError(`--in-use: ${name(from)} holds more than ${maxBytes} bytes`);
      chunks.push(part);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--in-use must be - or a readable file, got ${name(from)} (${errorCode(error)})`);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function name(from: string): string {
  return from === "-" ? "standard input" : JSON.stringify(from);
}
