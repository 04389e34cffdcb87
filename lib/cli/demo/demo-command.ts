import type { RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import { startDemoRegistry } from "./demo-registry";
import { deleteManifest, headManifest, pull, putManifest } from "./distribution-client";
import { buildFleet, pushFleet } from "./fleet";
import { BUILT_PROGRAM, runProgramFile } from "./run-probe";

const PLATFORM = "linux/amd64";

/** The incident in one minute, each line run live. @returns 0 when the story came out as told */
export async function demo(_raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const say = (text: string): void => environment.write(`${text}\n`);
  const registry = await startDemoRegistry();
  try {
    const { url } = registry;
    const fleet = buildFleet();
    await pushFleet(url, fleet);
    const ci = fleet.find(({ tag }) => tag === "latest");
    const child = ci?.image.children[0];
    if (ci === undefined || child === undefined) throw new Error("the fleet has no infra-ci:latest");
    const steps = new Story();
    say(`A registry with ${fleet.length} tags: ${registry.name} at ${url}`);
    say(steps.tell("pull infra-ci:latest", await pullLine(url, null)));
    say("");
    say('A cleaner deletes an "untagged version": it is the child that infra-ci:latest needs.');
    say(
      steps.tell(
        `DELETE ${child.digest.toString().slice(0, 19)}…`,
        await deleteLine(url, child.digest.toString()),
      ),
    );
    say(steps.tell("HEAD infra-ci:latest", await headLine(url)));
    say(steps.tell("pull infra-ci:latest", await pullLine(url, "manifest unknown")));
    say("");
    say(`$ tallyman probe ${url}`);
    const damaged = await runProgramFile(BUILT_PROGRAM, ["probe", url, "--rate", "0"]);
    say(indent(damaged.stdout));
    steps.check(damaged.exitCode === 1, "the probe exits 1");
    say(`One PUT of the same bytes (${child.body.length} of them):`);
    const status = await putManifest(url, "infra-ci", child.digest.toString(), child);
    say(
      steps.tell(`PUT ${child.digest.toString().slice(0, 19)}…`, {
        text: `${status}`,
        isAsTold: status === 201,
      }),
    );
    say(steps.tell("pull infra-ci:latest", await pullLine(url, null)));
    const mended = await runProgramFile(BUILT_PROGRAM, ["probe", url, "--rate", "0"]);
    steps.check(mended.exitCode === 0, "the probe exits 0");
    say(`$ tallyman probe ${url}\n${indent(mended.stdout)}`);
    if (steps.failures.length === 0) return 0;
    say(`NOT AS TOLD: ${steps.failures.join("; ")}`);
    return 2;
  } finally {
    await registry.close();
  }
}

interface Line {
  readonly text: string;
  readonly isAsTold: boolean;
}

/** Shows what happened, and keeps what did not happen as the story says. */
class Story {
  readonly failures: string[] = [];

  tell(what: string, line: Line): string {
    this.check(line.isAsTold, `${what}: ${line.text}`);
    return `  ${what.padEnd(30)} ${line.text}`;
  }

  check(isAsTold: boolean, what: string): void {
    if (!isAsTold) this.failures.push(what);
  }
}

async function pullLine(url: string, expected: string | null): Promise<Line> {
  const error = await pull(url, "infra-ci", "latest", PLATFORM);
  const text = error === null ? `pulled (${PLATFORM})` : `ERROR: ${error}`;
  return { text, isAsTold: expected === null ? error === null : error?.startsWith(expected) === true };
}

async function headLine(url: string): Promise<Line> {
  const status = await headManifest(url, "infra-ci", "latest");
  return { text: `${status}: the tag looks healthy`, isAsTold: status === 200 };
}

async function deleteLine(url: string, digest: string): Promise<Line> {
  const status = await deleteManifest(url, "infra-ci", digest);
  return { text: `${status}`, isAsTold: status === 202 };
}

function indent(text: string): string {
  return text
    .trimEnd()
    .replace(/^(?=.)/gm, "  ")
    .concat("\n");
}
