import type { Place } from "../delta";
import type { SynthesizedOutput } from "../output";
import { kubernetesName } from "../renames/kubernetes-name";
import { showText } from "./show-value";

const MAX_LABEL_LENGTH = 150;

/** What people call a place: `CronJob monitoring/probe` rather than its address where it is an object of a cluster. */
export function placeLabel(
  place: Place,
  { base, head }: { base: SynthesizedOutput; head: SynthesizedOutput },
): string {
  switch (place.kind) {
    case "stack":
      return showText(`The stack ${place.stack}`, MAX_LABEL_LENGTH);
    case "settings":
      return showText(`The settings of the stack ${place.stack}`, MAX_LABEL_LENGTH);
    case "artifact":
      return showText(place.path, MAX_LABEL_LENGTH);
    case "resource": {
      const resource =
        head.stacks.get(place.stack)?.resources.get(place.address) ??
        base.stacks.get(place.stack)?.resources.get(place.address);
      const name = resource === undefined ? null : kubernetesName(resource.type, resource.values);
      return showText(name ?? place.address, MAX_LABEL_LENGTH);
    }
  }
}
