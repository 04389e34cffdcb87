/** https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
import { isObject } from "../../../../lib/oci/descriptor";
import { requireText, textAt, valueAt } from "../json";
import { podField } from "./pod-fields";
import { MissingSourceError, type PodSources } from "./pod-sources";
import type { Container, Pod } from "./pod-spec";

export type Environment = Readonly<Record<string, string>>;

/** What an image of node has, beside what the manifest says. */
const IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * All variables of a container, nothing of this process' own.
 * @throws MissingSourceError where an object or a key is not there and not optional
 */
export async function containerEnv(
  container: Container,
  pod: Pod,
  sources: PodSources,
): Promise<Environment> {
  const env: Record<string, string> = { PATH: IMAGE_PATH, HOSTNAME: pod.name, HOME: homeOf(container) };
  for (const source of container.envFrom) {
    const prefix = textAt(source, "prefix") ?? "";
    for (const kind of ["configMapRef", "secretRef"] as const) {
      const ref = valueAt(source, kind);
      if (!isObject(ref)) continue;
      const name = requireText(ref, "name");
      const values = kind === "configMapRef" ? await sources.configMap(name) : await sources.secret(name);
      if (values === null && valueAt(ref, "optional") !== true) {
        throw new MissingSourceError(
          `${kind === "configMapRef" ? "configmap" : "secret"} "${name}" not found`,
        );
      }
      for (const [key, bytes] of Object.entries(values ?? {}))
        env[`${prefix}${key}`] = bytes.toString("utf8");
    }
  }
  for (const entry of container.env) {
    const from = valueAt(entry, "valueFrom");
    const value = isObject(from)
      ? await valueFrom(from, pod, sources)
      : expandVariables(textAt(entry, "value") ?? "", env);
    if (value !== null) env[requireText(entry, "name")] = value;
  }
  const odd = Object.keys(env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  // The shell that builds the container's root would drop it in silence.
  if (odd !== undefined) throw new Error(`the stand-in has no variable of the name ${odd}`);
  return env;
}

async function valueFrom(from: unknown, pod: Pod, sources: PodSources): Promise<string | null> {
  const field = textAt(from, "fieldRef", "fieldPath");
  if (field !== null) return podField(pod, field);
  for (const kind of ["configMapKeyRef", "secretKeyRef"] as const) {
    const ref = valueAt(from, kind);
    if (!isObject(ref)) continue;
    const name = requireText(ref, "name");
    const key = requireText(ref, "key");
    const values = kind === "configMapKeyRef" ? await sources.configMap(name) : await sources.secret(name);
    const value = values?.[key];
    if (value !== undefined) return value.toString("utf8");
    if (valueAt(ref, "optional") === true) return null;
    const what = `${kind === "configMapKeyRef" ? "configmap" : "secret"} "${name}"`;
    throw new MissingSourceError(values === null ? `${what} not found` : `${what} has no key "${key}"`);
  }
  throw new Error(`the stand-in has no variable from ${Object.keys(from ?? {}).join(", ")}`);
}

/** `$(NAME)` by its value where there is one; `$$(NAME)` is the text `$(NAME)`. */
export function expandVariables(text: string, env: Environment): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (found, name?: string) => {
    if (found === "$$") return "$";
    return name !== undefined && Object.hasOwn(env, name) ? (env[name] ?? found) : found;
  });
}

/** Of a user whom the image does not know: the root, as a runtime has it. */
function homeOf({ user }: Container): string {
  return user === null || user === 0 ? "/root" : "/";
}
