import { hexToBytes } from "@noble/hashes/utils.js";
import { verify } from "@scure/sr25519";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createKeyFile, keyPairFromHex, readKeyFile } from "../../src/sdk/index.ts";

/** The well-known development account "Alice" of Substrate chains. */
const ALICE_SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
const ALICE_ADDRESS = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

describe("keys", () => {
  it("gives a seed the address that other software gives it", () => {
    expect(keyPairFromHex(ALICE_SEED).hotkey).toBe(ALICE_ADDRESS);
    expect(keyPairFromHex(`0x${ALICE_SEED}`).hotkey).toBe(ALICE_ADDRESS);
  });

  it("signs texts so that the public key verifies them", () => {
    const keyPair = keyPairFromHex(ALICE_SEED);
    const signature = hexToBytes(keyPair.sign("a challenge"));
    expect(verify(new TextEncoder().encode("a challenge"), signature, keyPair.publicKey)).toBe(true);
    expect(verify(new TextEncoder().encode("another challenge"), signature, keyPair.publicKey)).toBe(false);
  });

  it("refuses seeds of another length", () => {
    expect(() => keyPairFromHex("abcd")).toThrow("64 hex digits");
  });

  it("reads the key file that it made, and never overwrites or shows one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gradients-keys-"));
    try {
      const path = join(folder, "key.json");
      const made = await createKeyFile(path);
      expect((await readKeyFile(path)).hotkey).toBe(made.hotkey);
      await expect(createKeyFile(path)).rejects.toThrow("EEXIST");
      expect(await readFile(path, "utf8")).toContain(made.hotkey);
      await expect(readKeyFile(join(folder, "none.json"))).rejects.toThrow("gradients miner keygen");
      const seed = "5ec2e7".repeat(10);
      await writeFile(path, `{"seed": ${seed}`);
      const refusal: unknown = await readKeyFile(path).catch((error: unknown) => error);
      expect(String(refusal)).toContain('a "seed" of 64 hex digits');
      expect(inspect(refusal)).not.toContain("5ec2e7");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
