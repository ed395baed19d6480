import { createHmac } from "node:crypto";

/** 32 bytes that follow from the demo's seed and a purpose: keys, secrets and training seeds are all made this way. */
export function deriveBytes(seed: string, ...purpose: readonly string[]): Buffer {
  return createHmac("sha256", `gradients-demo:${seed}`).update(purpose.join(":")).digest();
}

/** A whole number in [0, 2^32) that follows from the demo's seed and a purpose. */
export const deriveInteger = (seed: string, ...purpose: readonly string[]): number =>
  deriveBytes(seed, ...purpose).readUInt32BE(0);
