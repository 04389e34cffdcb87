import type { StepScript } from "../step-script";
import type { CommandStep } from "./woodpecker-workflow";

/** A script as a step of Woodpecker: under a name, and when it runs. */
export function scriptStep(
  name: string,
  { image, environment, commands }: StepScript,
  options: Omit<CommandStep, "name" | "image" | "environment" | "commands" | "settings"> = {},
): CommandStep {
  return { name, image, ...options, environment, commands };
}
