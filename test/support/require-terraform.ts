import { accessSync, appendFileSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * The path of terraform, or of tofu where there is none. Without either: an error when TALLYMAN_REQUIRE_TERRAFORM
 * is 1, else null, and the run ends with a line that names the test.
 *
 * @param test what the line calls the test
 */
export function requireTerraform(test: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const binary = onPath("terraform", env) ?? onPath("tofu", env);
  if (binary !== null) return binary;
  if (env.TALLYMAN_REQUIRE_TERRAFORM === "1") {
    throw new Error(
      `"${test}" needs terraform or tofu on PATH, as TALLYMAN_REQUIRE_TERRAFORM is 1. Install one, or unset the variable.`,
    );
  }
  recordMissingTool("terraform (or tofu)", test, env);
  return null;
}

/** Tells the reporter at the end of the run; without it, the console at once. */
export function recordMissingTool(tool: string, test: string, env: NodeJS.ProcessEnv = process.env): void {
  const folder = env.TALLYMAN_MISSING_TOOLS_FOLDER;
  if (folder === undefined) console.warn(`Not run for want of ${tool}: ${test}`);
  else appendFileSync(join(folder, "list"), `${tool}\t${test}\n`);
}

/** An environment in which terraform neither calls home nor stumbles over a configuration file that is not there. */
export function terraformEnv(): NodeJS.ProcessEnv {
  const { TF_CLI_CONFIG_FILE: configFile, ...rest } = process.env;
  const env = { ...rest, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" };
  return configFile !== undefined && existsSync(configFile)
    ? { ...env, TF_CLI_CONFIG_FILE: configFile }
    : env;
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
