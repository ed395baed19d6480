import type { EntityManager } from "@mikro-orm/postgresql";
import type { Tx } from "../../app/ports.ts";

/** Everything that names a blob and may still need it. */
const NAMED = `
  select 1 from uploads where status in ('OPEN', 'COMPLETE', 'SEALED') and files @> ?::jsonb
  union all select 1 from submissions where files @> ?::jsonb
  union all select 1 from source_fetches where status in ('PENDING', 'STALLED', 'DONE') and files @> ?::jsonb
  union all select 1 from dataset_splits where sha256 = ?
  union all select 1 from tasks where dataset_source ->> 'sha256' = ?
  union all select 1 from evaluations where record -> 'attachments' @> ?::jsonb
  limit 1`;

/** Whoever names a blob and whoever removes it take turns: names share a lock, a removal has it alone. */
export function blobQuestions(em: EntityManager): Pick<Tx, "lockBlobs" | "isBlobNamed"> {
  return {
    async lockBlobs(sha256s, { alone }) {
      const lock = alone ? "pg_advisory_xact_lock" : "pg_advisory_xact_lock_shared";
      // One order for everybody: two transactions can't wait for each other.
      for (const sha256 of [...new Set(sha256s)].sort()) {
        await em.execute(`select ${lock}(hashtextextended(?, 0))`, [`blob:${sha256}`]);
      }
    },
    async isBlobNamed(sha256) {
      const file = JSON.stringify([{ sha256 }]);
      const rows = await em.execute<object[]>(NAMED, [file, file, file, sha256, sha256, file]);
      return rows.length > 0;
    },
  };
}
