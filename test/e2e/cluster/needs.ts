import { recordMissingTool } from "../../support/require-terraform";

/** What an end-to-end test may need beyond this repository. Closed: TALLYMAN_REQUIRE_E2E names them. */
export const NEEDS = ["api", "controllers", "kubectl", "terraform", "providers", "crds", "cdktf"] as const;

export type Need = (typeof NEEDS)[number];

export interface Lack {
  readonly need: Need;
  /** One line: what is missing, and how to get it. */
  readonly line: string;
}

/** From the preflight to the tests, as JSON. */
export const LACKS_VARIABLE = "TALLYMAN_E2E_LACKS";

/**
 * The lacks that fail the run: all with `1`, else those that a list names, as `api,kubectl`.
 *
 * @throws Error for a word that is no need
 */
export function requiredLacks(lacks: readonly Lack[], required = ""): readonly Lack[] {
  if (required === "1") return lacks;
  const names = required.split(",").filter((name) => name !== "" && name !== "0");
  const unknown = names.find((name) => !NEEDS.some((need) => need === name));
  if (unknown !== undefined) {
    throw new Error(`TALLYMAN_REQUIRE_E2E must be 1 or of ${NEEDS.join(", ")}, got ${unknown}.`);
  }
  return lacks.filter(({ need }) => names.includes(need));
}

/** `describe` where nothing of it is missing; else the tests are left out, and the run's end says for want of what. */
export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  const lack = readLacks().find(({ need }) => needs.includes(need));
  if (lack === undefined) {
    describe(name, body);
    return;
  }
  recordMissingTool(lack.need, name);
  describe.skip(name, body);
}

/** Whether any of these is missing: for what goes on in another way then. */
export function lacks(...needs: readonly Need[]): boolean {
  return readLacks().some(({ need }) => needs.includes(need));
}

function readLacks(env: NodeJS.ProcessEnv = process.env): readonly Lack[] {
  const parsed: unknown = JSON.parse(env[LACKS_VARIABLE] ?? "[]");
  return Array.isArray(parsed)
    ? parsed.flatMap((one: unknown) => {
        const line = typeof one === "object" && one !== null && "line" in one ? String(one.line) : "";
        const need = NEEDS.find(
          (known) => typeof one === "object" && one !== null && "need" in one && one.need === known,
        );
        return need === undefined ? [] : [{ need, line }];
      })
    : [];
}
