import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";

export interface KubectlRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** kubectl against one cluster, whose kubeconfig is given: the user's own is not looked at. */
export class Kubectl {
  /** @param cacheFolder where kubectl keeps what it learnt of the API; default: beside the kubeconfig */
  constructor(
    readonly kubeconfig: string,
    private readonly cacheFolder = dirname(kubeconfig),
  ) {}

  /** @param input for its standard input, as `-f -` reads it */
  async run(args: readonly string[], input = ""): Promise<KubectlRun> {
    const cache = join(this.cacheFolder, "kubectl-cache");
    const child = spawn("kubectl", ["--kubeconfig", this.kubeconfig, "--cache-dir", cache, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        output[name] += chunk;
      });
    }
    // A kubectl that does not read its input ends before it is written.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [code] = await once(child, "close");
    return { code: typeof code === "number" ? code : null, ...output };
  }

  /** @throws Error with what it said where it fails */
  async must(args: readonly string[], input = ""): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  /** `args` with `-o json`, parsed. */
  async json(args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.must([...args, "-o", "json"]));
  }

  /** The objects that `get` lists. */
  async list(args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const listed = await this.json(["get", ...args]);
    const items = typeof listed === "object" && listed !== null && "items" in listed ? listed.items : null;
    if (!Array.isArray(items)) throw new Error(`kubectl get ${args.join(" ")} gave no list`);
    return items.map((one: unknown) => Object.fromEntries(Object.entries(Object(one))));
  }

  /** Objects as data, by server-side apply. */
  async apply(...objects: readonly object[]): Promise<void> {
    const list = { apiVersion: "v1", kind: "List", items: objects };
    await this.must(["apply", "--server-side", "-f", "-"], JSON.stringify(list));
  }
}
