/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/ */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../../oci/descriptor";

/** Where Kubernetes mounts a pod's account. */
export const SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

const MAX_TOKEN_LENGTH = 65_536;
/** What a header may carry: a token of Kubernetes is a JWT. */
const TOKEN = /^[\x21-\x7e]+$/;

export interface AccountFiles {
  readonly token: string;
  /** PEM of whom the API's certificate is signed by. */
  readonly ca: string;
}

/** Read anew each time, as the kubelet rotates them. @throws Error that names the file and never holds the token */
export async function readAccountFiles(folder: string): Promise<AccountFiles> {
  const [token, ca] = await Promise.all([readText(folder, "token"), readText(folder, "ca.crt")]);
  const trimmed = token.trim();
  if (!TOKEN.test(trimmed) || trimmed.length > MAX_TOKEN_LENGTH)
    throw new Error(`${join(folder, "token")} holds no token`);
  return { token: trimmed, ca };
}

/** The pod's own; null where there is none. */
export async function readOwnNamespace(folder: string): Promise<string | null> {
  try {
    return (await readText(folder, "namespace")).trim();
  } catch {
    return null;
  }
}

async function readText(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    // By shape: where a test runner has a realm of its own, the error is of another.
    const code = isObject(error) ? String(error.code) : "unreadable";
    throw new Error(`${path} could not be read (${code})`);
  }
}
