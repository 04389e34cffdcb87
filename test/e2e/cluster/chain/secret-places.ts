import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { requireText } from "../json";
import type { Kubectl } from "../kubectl";
import type { Place } from "./secrets-scan";

/** What belongs in a cluster and holds secrets by its nature; all else is looked at. */
const SECRET_KIND = "secrets";
/** Terraform's copies of its providers: hundreds of megabytes of programs. */
const PROVIDERS = "providers";

/** Every object of the cluster but Secrets, the events as people read them, and all logs of all pods. */
export async function clusterPlaces(kubectl: Kubectl): Promise<readonly Place[]> {
  const kinds = (await kubectl.must(["api-resources", "--verbs=list", "-o", "name"])).trim().split("\n");
  const looked = kinds.filter((kind) => kind !== SECRET_KIND);
  if (looked.length !== kinds.length - 1) throw new Error(`the API has no ${SECRET_KIND}`);
  const objects = await kubectl.must(["get", looked.join(","), "-A", "-o", "json", "--show-managed-fields"]);
  const events = await kubectl.must(["get", "events", "-A", "-o", "wide"]);
  const places: Place[] = [
    { name: "objects of the cluster", content: objects },
    { name: "events", content: events },
  ];
  for (const pod of await kubectl.list(["pods", "-A"])) {
    const name = requireText(pod, "metadata", "name");
    const namespace = requireText(pod, "metadata", "namespace");
    const { stdout } = await kubectl.run(["-n", namespace, "logs", name, "--all-containers"]);
    // A pod that never ran said nothing.
    if (stdout !== "") places.push({ name: `log of ${name}`, content: stdout });
  }
  if (places.length === 2) throw new Error("no pod's log could be read");
  return places;
}

/** Every file below a folder that is not empty, Terraform's providers left out. */
export function folderPlaces(folder: string): readonly Place[] {
  return filesBelow(folder)
    .map((path) => ({ name: relative(folder, path), content: readFileSync(path) }))
    .filter(({ content }) => content.length > 0);
}

/** No link is followed: a provider may be one, into the user's own folders. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === PROVIDERS ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}
