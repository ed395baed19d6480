import { createHmac, randomUUID } from "node:crypto";
import type { Ids } from "../app/ports.ts";

/** The Ids port: random ones, and uuids of version 8 (RFC 9562: own bits) derived with the operator's secret. */
export function createIds(operatorSecret: string): Ids {
  return {
    random: randomUUID,
    derived(...parts) {
      const hmac = createHmac("sha256", operatorSecret).update("id");
      // Each part with its length: ("ab", "c") and ("a", "bc") are different names.
      for (const part of parts) hmac.update(`\0${Buffer.byteLength(part)}\0`).update(part);
      return uuid8(hmac.digest());
    },
  };
}

function uuid8(bytes: Buffer): string {
  const id = Buffer.from(bytes.subarray(0, 16));
  id.writeUInt8((id.readUInt8(6) & 0x0f) | 0x80, 6);
  id.writeUInt8((id.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = id.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
