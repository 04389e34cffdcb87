import { isJsonObject, type Json, type JsonObject } from "../../json";
import { childOf, type Spot, type Step, spotsOf, textAt } from "../common/spot";
import {
  type PinnedReference,
  readActionReference,
  readChartReference,
  readImageReference,
} from "./pinned-reference";

/** A reference where it stands. */
export interface FoundPin {
  readonly reference: PinnedReference;
  readonly steps: readonly Step[];
  /** What stands below is the reference's parts: `repository`, `tag`. */
  readonly parts: readonly (readonly Step[])[];
}

/** Every image, chart and action that a value names, by what is the same in both outputs. */
export function findPins(root: Json | undefined, type: string | null): ReadonlyMap<string, FoundPin> {
  const found = new Map<string, FoundPin>();
  if (type === "helm_release" && root !== undefined) addChart(found, { steps: [], value: root });
  for (const spot of spotsOf(root)) {
    if (!isJsonObject(spot.value)) continue;
    addImage(found, spot);
    addAction(found, spot);
    addList(found, spot, spot.value);
  }
  return found;
}

/** A container's, a service's, a step's; a chart's values may have its parts apart. */
function addImage(found: Map<string, FoundPin>, spot: Spot): void {
  const image = childOf(spot, "image");
  const written = textAt(image);
  if (image !== null && written !== null) {
    add(found, image.steps, readImageReference(written), [image.steps]);
    return;
  }
  const [repository, tag, digest, registry] = ["repository", "tag", "digest", "registry"].map((name) =>
    image === null ? null : childOf(image, name),
  );
  const name = textAt(repository ?? null);
  if (image === null || name === null) return;
  const host = textAt(registry ?? null);
  // Charts write "" for "the chart's own version": such a tag is not known here.
  const version = scalarText(tag ?? null);
  if (version === "") return;
  const full = `${host === null || host === "" ? "" : `${host}/`}${name}`;
  const pinned = textAt(digest ?? null) ?? "";
  const text = `${full}${version === null ? "" : `:${version}`}${pinned === "" ? "" : `@${pinned}`}`;
  // Without a tag the chart's own version holds: nothing says that it floats.
  if (version === null && pinned === "") return;
  const parts = [repository, tag, digest, registry].flatMap((part) => (part ? [part.steps] : []));
  add(found, image.steps, readImageReference(text), parts);
}

function addAction(found: Map<string, FoundPin>, spot: Spot): void {
  const uses = childOf(spot, "uses");
  const written = textAt(uses);
  if (uses !== null && written !== null) add(found, uses.steps, readActionReference(written), [uses.steps]);
}

function addChart(found: Map<string, FoundPin>, values: Spot): void {
  const chart = textAt(childOf(values, "chart"));
  if (chart === null) return;
  const repository = textAt(childOf(values, "repository"));
  const isRemote = repository !== null || chart.startsWith("oci://");
  const version = scalarText(childOf(values, "version"));
  const reference = isRemote ? readChartReference(chart, version, repository) : null;
  const own = ["chart", "version", "repository"].map((name) => [{ name, aliases: [] }]);
  add(found, [{ name: "version", aliases: [] }], reference, own);
}

/** The lists of this library: the images of a host, and what their tags were resolved to. */
function addList(found: Map<string, FoundPin>, spot: Spot, value: JsonObject): void {
  const images = childOf(spot, "images");
  if (images === null) return;
  if (value.schema === "tallyman.images/1" && Array.isArray(images.value)) {
    images.value.forEach((image: Json, index) => {
      const reference = typeof image === "string" ? readImageReference(image) : null;
      const shown: Step = { name: reference?.name ?? "", aliases: [`${index}`] };
      if (reference !== null) add(found, [...images.steps, shown], reference, [[...images.steps, shown]]);
    });
  }
  if (value.schema !== "tallyman.lock/1" || !isJsonObject(images.value)) return;
  for (const [key, entry] of Object.entries(images.value)) {
    const digest = isJsonObject(entry) && typeof entry.digest === "string" ? `@${entry.digest}` : "";
    const steps = [...images.steps, { name: key, aliases: [] }];
    // What is not resolved is a tag that somebody wrote elsewhere: it is judged there.
    if (digest !== "") add(found, steps, readImageReference(`${key}${digest}`), [steps]);
  }
}

function add(
  found: Map<string, FoundPin>,
  steps: readonly Step[],
  reference: PinnedReference | null,
  parts: FoundPin["parts"],
): void {
  const key = JSON.stringify(steps.map(({ name }) => name));
  if (reference !== null) found.set(key, { reference, steps, parts });
}

function scalarText(spot: Spot | null): string | null {
  return typeof spot?.value === "string" || typeof spot?.value === "number" ? `${spot.value}` : null;
}
