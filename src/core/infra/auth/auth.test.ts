import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { getPublicKey, secretFromSeed, sign } from "@scure/sr25519";
import { describe, expect, it } from "vitest";
import { createHotkeys, createSigner, decodeSs58, encodeSs58 } from "./index.ts";

// The well-known development account //Alice.
const ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const ALICE_KEY = hexToBytes("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");

describe("ss58", () => {
  it("encodes and decodes the development account's address", () => {
    expect(encodeSs58(ALICE_KEY)).toBe(ALICE);
    expect(decodeSs58(ALICE)).toEqual(ALICE_KEY);
  });

  it.each([
    ["a mistyped letter", ALICE.replace("G", "H")],
    ["another network's address", "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"],
    ["a letter outside base58", `${ALICE.slice(0, -1)}0`],
    ["an empty text", ""],
    ["a very long text", "5".repeat(10_000)],
  ])("refuses %s", (_, address) => {
    expect(decodeSs58(address)).toBeNull();
  });
});

describe("hotkeys", () => {
  const secret = secretFromSeed(new Uint8Array(32).fill(7));
  const address = encodeSs58(getPublicKey(secret));
  const signature = bytesToHex(sign(secret, new TextEncoder().encode("hello")));
  const hotkeys = createHotkeys();

  it("accepts a signature by the address's key, with and without 0x", () => {
    expect(hotkeys.verify(address, "hello", signature)).toBe(true);
    expect(hotkeys.verify(address, "hello", `0x${signature}`)).toBe(true);
  });

  it("accepts a text that a wallet extension wrapped", () => {
    const wrapped = bytesToHex(sign(secret, new TextEncoder().encode("<Bytes>hello</Bytes>")));
    expect(hotkeys.verify(address, "hello", wrapped)).toBe(true);
  });

  it.each([
    ["another text", address, "hallo", signature],
    ["another key", ALICE, "hello", signature],
    ["a malformed signature", address, "hello", "ab"],
    ["bytes that are no signature", address, "hello", "ff".repeat(64)],
    ["a malformed address", "nobody", "hello", signature],
  ])("refuses %s", (_, who, text, bytes) => {
    expect(hotkeys.verify(who, text, bytes)).toBe(false);
  });
});

describe("signer", () => {
  const signer = createSigner("a secret of the operator");

  it("verifies what it signed", () => {
    expect(signer.verify("upload", "text", signer.sign("upload", "text"))).toBe(true);
  });

  it("refuses another text, another purpose and another secret", () => {
    const signature = signer.sign("upload", "text");
    expect(signer.verify("upload", "texts", signature)).toBe(false);
    expect(signer.verify("download", "text", signature)).toBe(false);
    expect(createSigner("another secret").verify("upload", "text", signature)).toBe(false);
  });
});
