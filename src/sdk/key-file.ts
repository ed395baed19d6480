import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createKeyPair, keyPairFromHex, type KeyPair } from "./keys.ts";

/** Makes a new key and writes its seed for the owner alone to read. @throws where the file is there already. */
export async function createKeyFile(path: string): Promise<KeyPair> {
  const seed = randomBytes(32);
  const keyPair = createKeyPair(seed);
  const content = { hotkey: keyPair.hotkey, seed: seed.toString("hex") };
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  return keyPair;
}

/** Reads a key file: JSON `{seed, hotkey}` with the seed as 64 hex digits. @throws with the file's name where it is none. */
export async function readKeyFile(path: string): Promise<KeyPair> {
  try {
    const content: unknown = JSON.parse(await readFile(path, "utf8"));
    const seed = typeof content === "object" && content !== null && "seed" in content ? content.seed : undefined;
    if (typeof seed !== "string") throw new RangeError('It has no "seed".');
    return keyPairFromHex(seed);
  } catch (cause) {
    throw new Error(`${path} is no key file (make one with \`gradients miner keygen\`): ${String(cause)}`, { cause });
  }
}
