import { z } from "zod";
import type { JsonObject } from "../../contract/index.ts";

/** PostgreSQL refuses payloads of 8000 bytes. */
const MOST_BYTES = 7_900;

const Message = z.array(z.tuple([z.string(), z.record(z.string(), z.json())]));

/** Packs rings into as few messages as fit; a payload that fits in none is left out, and its topic rung with `{}`. */
export function packTopics(rings: readonly { readonly topic: string; readonly payload: JsonObject }[]): string[] {
  const messages: string[] = [];
  let open: string[] = [];
  let bytes = 2;
  for (const { topic, payload } of rings) {
    const whole = JSON.stringify([topic, payload]);
    const entry = Buffer.byteLength(whole) + 2 <= MOST_BYTES ? whole : JSON.stringify([topic, {}]);
    const size = Buffer.byteLength(entry) + 1;
    if (bytes + size > MOST_BYTES) {
      messages.push(`[${open.join(",")}]`);
      [open, bytes] = [[], 2];
    }
    open.push(entry);
    bytes += size;
  }
  if (open.length > 0) messages.push(`[${open.join(",")}]`);
  return messages;
}

/** The rings of a message; null for one that is not ours. */
export function unpackTopics(message: string): readonly (readonly [topic: string, payload: JsonObject])[] | null {
  try {
    return Message.parse(JSON.parse(message));
  } catch {
    return null;
  }
}
