import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { SignaturePurpose, Signer } from "../../app/ports.ts";

/** Signs with keys derived from the operator's secret, one for each purpose: a link's signature is no token. */
export function createSigner(operatorSecret: string | Uint8Array): Signer {
  const keys = new Map<SignaturePurpose, Buffer>();
  const keyOf = (purpose: SignaturePurpose): Buffer => {
    const known = keys.get(purpose);
    if (known) return known;
    const key = Buffer.from(hkdfSync("sha256", operatorSecret, "", `gradients:${purpose}`, 32));
    keys.set(purpose, key);
    return key;
  };
  const sign = (purpose: SignaturePurpose, text: string) =>
    createHmac("sha256", keyOf(purpose)).update(text).digest("base64url");
  return {
    sign,
    verify: (purpose, text, signature) => sameText(sign(purpose, text), signature),
    equal: sameText,
  };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
