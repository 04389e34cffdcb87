/**
 * A program for Node that begins an upload until the registry answers with the status that is wanted, and takes back
 * what it began. Arguments: base URL, wanted status, seconds. Exit 1 when that status does not come.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
 */
export const UPLOAD_STATUS_PROGRAM = String.raw`// Whether a registry takes uploads: 202 it does, 405 it is read-only. The upload that it began is taken back.
import { readFileSync } from "node:fs";

const [base, wanted, seconds] = process.argv.slice(2);
const read = (name) => readFileSync(process.env.TALLYMAN_CREDENTIALS_DIR + "/" + name, "utf8").replace(/\r?\n$/, "");

let authorization = "";
try {
  authorization = "Basic " + Buffer.from(read("username") + ":" + read("password")).toString("base64");
} catch (error) {
  console.error("tallyman: the maintenance's credentials cannot be read (" + error.code + ")");
  process.exit(2);
}

async function ask(method, path) {
  const signal = AbortSignal.timeout(10_000);
  const answer = await fetch(new URL(path, base), { method, headers: { authorization }, redirect: "manual", signal });
  await answer.arrayBuffer();
  return answer;
}

async function uploadStatus() {
  const begun = await ask("POST", "/v2/maintenance-check/blobs/uploads/");
  const location = begun.headers.get("location");
  if (begun.status === 202 && location !== null) {
    const { pathname, search } = new URL(location, base);
    await ask("DELETE", pathname + search);
  }
  return String(begun.status);
}

const end = Date.now() + Number(seconds) * 1000;
let last = "";
for (;;) {
  last = await uploadStatus().catch((error) => error.cause?.code ?? error.name);
  if (last === wanted || last === "401" || Date.now() > end) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
if (last !== wanted) {
  console.error("tallyman: an upload to " + base + " must be answered " + wanted + ", got " + last);
  process.exit(1);
}
`;
