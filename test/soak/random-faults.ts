import type { EmbeddedRegistry, Fault } from "../../lib/testing";
import type { SeededRandom } from "./seeded-random";

/** Befall whole stretches of time: the registry says that it cannot, or says nothing. */
const OUTAGES: readonly Fault[] = [
  { kind: "status", status: 429 },
  { kind: "status", status: 429, headers: { "retry-after": "1" } },
  { kind: "status", status: 500 },
  { kind: "status", status: 503 },
  { kind: "status", status: 401 },
  { kind: "status", status: 401, headers: { "www-authenticate": 'Basic realm="soak"' } },
  { kind: "status", status: 403 },
  { kind: "hang" },
  { kind: "hang", point: "after-headers" },
  { kind: "reset" },
  { kind: "reset", point: "after-headers" },
  { kind: "html-sign-in" },
  { kind: "slow-headers", delayMs: 150 },
  { kind: "drip-body", bytes: 40, intervalMs: 20 },
  { kind: "redirect-loop", changing: true },
];
/** Answers that lie. Told twice they would be damage, so each is told once. */
const LIES: readonly Fault[] = [
  { kind: "truncate-body", bytes: 0 },
  { kind: "truncate-body", bytes: -1 },
  { kind: "cut-document", bytes: -3 },
  { kind: "wrong-digest-header" },
  { kind: "flip-byte" },
];

/** Lets a registry fail at random until the time is over. @returns how many requests were hit, by the kind of fault */
export async function failAtRandom(
  registry: EmbeddedRegistry,
  random: SeededRandom,
  isOver: () => boolean,
  pause: (ms: number) => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const hits = new Map<string, number>();
  while (!isOver()) {
    await pause(random.between(100, 1_500));
    const isLie = random.next() < 0.3;
    const fault = isLie ? random.of(LIES) : random.of(OUTAGES);
    const active = registry.script({ fault, ...(isLie ? { times: 1, path: /manifests|blobs/ } : {}) });
    // Longer than two answers 200 ms apart, and than a request's own patience.
    await pause(isLie ? 300 : random.between(30, 1_200));
    active.remove();
    hits.set(fault.kind, (hits.get(fault.kind) ?? 0) + active.hits);
    // A lie is not followed by another before the walk has asked again.
    if (isLie) await pause(700);
  }
  return hits;
}
