import { hexToBytes } from "@noble/hashes/utils.js";
import { verify } from "@scure/sr25519";
import type { Hotkeys } from "../../app/ports.ts";
import { decodeSs58 } from "./ss58.ts";

const SIGNATURE = /^(?:0x)?([0-9a-fA-F]{128})$/;

/** Verifies sr25519 signatures in the `substrate` signing context. */
export function createHotkeys(): Hotkeys {
  return {
    isAddress: (text) => decodeSs58(text) !== null,
    verify(address, message, signature) {
      const publicKey = decodeSs58(address);
      const hex = SIGNATURE.exec(signature)?.[1];
      if (publicKey === null || hex === undefined) return false;
      return signed(message, hex, publicKey) || signed(`<Bytes>${message}</Bytes>`, hex, publicKey);
    },
  };
}

/** Wallet extensions sign texts inside `<Bytes>` tags; command line wallets sign them as they are. */
function signed(message: string, hex: string, publicKey: Uint8Array): boolean {
  try {
    return verify(new TextEncoder().encode(message), hexToBytes(hex), publicKey);
  } catch {
    // The library throws for bytes that are no signature or no point on the curve.
    return false;
  }
}
