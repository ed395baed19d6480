import { Readable } from "node:stream";
import { z } from "zod";
import type { Attachment, JsonObject } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { EvaluationRecord } from "../records.ts";

const MOST_ATTACHMENTS = 8;
const MOST_BYTES = 8 * 1024 * 1024;

const attachment = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, "expected a plain file name"),
  mediaType: z.string().regex(/^[a-z]+\/[a-z0-9.+-]{1,60}$/, "expected a media type"),
  base64: z.base64().max(MOST_BYTES),
});
const stored = z.object({
  name: z.string(),
  mediaType: z.string(),
  sha256: z.string(),
  bytes: z.int(),
});

/** A file that shows something of an evaluated model, in the artefact store. */
export type StoredAttachment = z.output<typeof stored>;

/** Keeps what a task type wants to show of an evaluation. Nothing of it may break the evaluation: bad ones are left out. */
export async function keepAttachments(app: App, made: readonly Attachment[]): Promise<readonly StoredAttachment[]> {
  const kept: StoredAttachment[] = [];
  for (const file of made.slice(0, MOST_ATTACHMENTS)) {
    const parsed = attachment.safeParse(file);
    if (!parsed.success) {
      app.log.warn("an attachment of an evaluation is left out", { name: file.name, reason: parsed.error.message });
      continue;
    }
    const { name, mediaType, base64 } = parsed.data;
    const { sha256, bytes } = await app.artifacts.put(Readable.from([Buffer.from(base64, "base64")]), {
      maxBytes: MOST_BYTES,
    });
    kept.push({ name, mediaType, sha256, bytes });
  }
  return kept;
}

/** What an evaluation's record says about kept attachments; nothing where there are none. */
export const attachmentsRecord = (kept: readonly StoredAttachment[]): JsonObject =>
  kept.length === 0 ? {} : { attachments: kept.map((file) => ({ ...file })) };

/** The other way round. */
export function attachmentsOf({ record }: Pick<EvaluationRecord, "record">): readonly StoredAttachment[] {
  return z.array(stored).safeParse(record["attachments"]).data ?? [];
}
