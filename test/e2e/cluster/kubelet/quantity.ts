/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** As `96Mi`, in units: bytes of memory, cores of CPU. */
export function parseQuantity(text: string): number {
  const [, number, suffix = ""] = /^([0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = FACTORS[suffix];
  if (number === undefined || factor === undefined) {
    throw new Error(`"${text}" is no quantity: write a number with ${Object.keys(FACTORS).join(", ")}.`);
  }
  return Number(number) * factor;
}
