/** What a thread of the scan runs: one task, then its end. */
import { parentPort } from "node:worker_threads";
import { BlobInventory } from "./blob-inventory";
import { scanRepository } from "./scan-repository";
import type { ScanAnswer, ScanTask } from "./scan-threads";

/** Scans what nobody has taken yet, until nothing is left. */
export function takeRepositories(task: ScanTask, answer: (answer: ScanAnswer) => void): void {
  const { root, isCache, slice, seed, repositories, next } = task;
  const blobs = BlobInventory.ofShared(root, task.blobs, seed);
  const storage = { root, isCache, slice, seed, blobs };
  for (let at = Atomics.add(next, 0, 1); at < repositories.length; at = Atomics.add(next, 0, 1)) {
    const { danglingLayerLinks, ...scan } = scanRepository(storage, repositories[at] as string, false);
    answer({ at, scan, danglingLayerLinks: danglingLayerLinks.map(String) });
  }
}

parentPort?.once("message", (task: ScanTask) => {
  takeRepositories(task, (answer) => parentPort?.postMessage(answer));
});
