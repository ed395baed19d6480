import { blake2b } from "@noble/hashes/blake2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { base58 } from "@scure/base";
import { getPublicKey, secretFromSeed, sign } from "@scure/sr25519";

/** Addresses that belong to no particular chain. */
const SS58_PREFIX = 42;
const SEED_BYTES = 32;

/** A miner's sr25519 key pair; the hotkey is its public key in SS58 form. */
export interface KeyPair {
  readonly hotkey: string;
  readonly publicKey: Uint8Array;
  /** Signature of a text, 64 bytes as lower-case hex. */
  sign(message: string): string;
}

/** Public key (32 bytes) -> SS58 address: base58(prefix || key || blake2b-512("SS58PRE" || prefix || key)[0..2]). */
export function toHotkey(publicKey: Uint8Array): string {
  const payload = concatBytes(Uint8Array.of(SS58_PREFIX), publicKey);
  const checksum = blake2b(concatBytes(utf8ToBytes("SS58PRE"), payload)).subarray(0, 2);
  return base58.encode(concatBytes(payload, checksum));
}

/** The key pair of a seed of 32 bytes. @throws RangeError where the seed has another length. */
export function createKeyPair(seed: Uint8Array): KeyPair {
  if (seed.length !== SEED_BYTES)
    throw new RangeError(`A key's seed has ${SEED_BYTES} bytes; this one has ${seed.length}.`);
  const secret = secretFromSeed(seed);
  const publicKey = getPublicKey(secret);
  return {
    hotkey: toHotkey(publicKey),
    publicKey,
    sign: (message) => bytesToHex(sign(secret, utf8ToBytes(message))),
  };
}

/** The key pair of a seed written as 64 hex digits, as in a key file. @throws RangeError */
export function keyPairFromHex(seed: string): KeyPair {
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(seed)) throw new RangeError("A key's seed is 64 hex digits.");
  return createKeyPair(hexToBytes(seed.replace(/^0x/, "")));
}
