import { blake2b } from "@noble/hashes/blake2.js";
import { base58 } from "@scure/base";

/** The generic Substrate network, which subnet hotkeys use: one key has one address, so one name here. */
const NETWORK = 42;
const KEY_BYTES = 32;
const CHECKSUM_BYTES = 2;
const CONTEXT = new TextEncoder().encode("SS58PRE");

function checksum(body: Uint8Array): Uint8Array {
  return blake2b(new Uint8Array([...CONTEXT, ...body]), { dkLen: 64 }).subarray(0, CHECKSUM_BYTES);
}

/**
 * The SS58 address (network 42) of a 32-byte public key.
 *
 * @throws RangeError for a key of another length.
 */
export function encodeSs58(publicKey: Uint8Array): string {
  if (publicKey.length !== KEY_BYTES)
    throw new RangeError(`a public key has ${KEY_BYTES} bytes, not ${publicKey.length}`);
  const body = new Uint8Array([NETWORK, ...publicKey]);
  return base58.encode(new Uint8Array([...body, ...checksum(body)]));
}

/** The public key of an SS58 address; null where it is malformed, mistyped or of another network. */
export function decodeSs58(address: string): Uint8Array | null {
  if (address.length > 64) return null;
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(address);
  } catch {
    return null;
  }
  if (bytes.length !== 1 + KEY_BYTES + CHECKSUM_BYTES || bytes[0] !== NETWORK) return null;
  const body = bytes.subarray(0, 1 + KEY_BYTES);
  const expected = checksum(body);
  return expected.every((byte, index) => byte === bytes[body.length + index]) ? bytes.slice(1, body.length) : null;
}
