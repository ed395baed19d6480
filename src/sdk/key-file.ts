import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { createKeyPair, keyPairFromHex, type KeyPair } from "./keys.ts";

/** Makes a new key and writes its seed for the owner alone to read. @throws where the file is there already. */
export async function createKeyFile(path: string): Promise<KeyPair> {
  const seed = randomBytes(32);
  const keyPair = createKeyPair(seed);
  const content = { hotkey: keyPair.hotkey, seed: seed.toString("hex") };
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  return keyPair;
}

const keyFile = z.object({ seed: z.string() });

/** Reads a key file: JSON `{seed, hotkey}` with the seed as 64 hex digits. @throws with the file's name where it is none. */
export async function readKeyFile(path: string): Promise<KeyPair> {
  const none = (why: unknown) =>
    new Error(`${path} is no key file (make one with \`gradients miner keygen\`): ${String(why)}`);
  const text = await readFile(path, "utf8").catch((cause: unknown) => Promise.reject(none(cause)));
  try {
    return keyPairFromHex(keyFile.parse(JSON.parse(text)).seed);
  } catch {
    // A parser's own words could show a piece of the seed.
    throw none('expected JSON with a "seed" of 64 hex digits.');
  }
}
