import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Secrets } from "../app/ports.ts";
import { seedMessage } from "../domain/index.ts";

/** The Secrets port (spec section 3): taskSecret = HMAC-SHA256(operatorSecret, taskId), seeds are HMACs under it. */
export function createSecrets(operatorSecret: string): Secrets {
  const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const taskSecret = (taskId: string): Buffer => hmac(operatorSecret, taskId);
  return {
    taskSecret,
    seed: (taskId, purpose, attempt) => hmac(taskSecret(taskId), seedMessage(purpose, attempt)),
    sha256: (data) => createHash("sha256").update(data).digest("hex"),
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
  };
}
