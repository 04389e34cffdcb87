import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessSampler } from "./process-sampler";
import { findSecrets } from "./secrets-scan";

const GIVEN = { argument: "given as an argument", variable: "given as a variable" };

test("a secret on the command line or in the environment of a process below is seen, also after its end", async () => {
  const sampler = ProcessSampler.start();
  try {
    // A process of a process, as a pod's program is.
    const script = 'sleep 0.4 & sh -c "sleep 0.4; exit" "$1"; wait';
    const child = spawn("sh", ["-c", script, "sh", GIVEN.argument], {
      env: { PATH: process.env.PATH, PASSWORD: GIVEN.variable },
    });
    await once(child, "close");
    await sleep(60);
    expect(findSecrets(GIVEN, sampler.places())).toEqual([
      "command lines of processes: argument, as it is",
      "environments of processes: variable, as it is",
    ]);
    expect(sampler.programs()).toEqual(expect.arrayContaining(["sh", "sleep"]));
  } finally {
    sampler.stop();
  }
});
