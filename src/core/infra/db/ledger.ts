import { createHash } from "node:crypto";
import type { MikroORM } from "@mikro-orm/postgresql";
import type { Clock } from "../../app/ports.ts";
import type { Ledger } from "../../contract/index.ts";
import { createTx } from "./transaction.ts";

const LEDGER_LOCK = 7_201_003;

/** What the first row points back to. */
const GENESIS = "0".repeat(64);

/** The chain's digest after a row: sha256(prev_digest || digest), both as hex text. */
export const chainDigest = (prevDigest: string, digest: string): string =>
  createHash("sha256").update(prevDigest).update(digest).digest("hex");

/**
 * The append-only ledger over its table. Appends come one after the other (a lock until the commit), and the unique
 * prev_digest would refuse a second row after the same one.
 */
export function createLedger(orm: MikroORM, clock: Clock): Ledger {
  return {
    append: ({ weightSetId, digest }) =>
      orm.em.fork().transactional(async (em) => {
        await em.execute("select pg_advisory_xact_lock(?)", [LEDGER_LOCK]);
        const tx = createTx(em, clock);
        const known = await tx.findOne("ledger", { weightSetId });
        if (known && known.digest !== digest) {
          throw new Error(`The ledger has weight set ${weightSetId} with the digest ${known.digest}, not ${digest}.`);
        }
        if (known) return { sequence: known.sequence, chainDigest: chainDigest(known.prevDigest, known.digest) };
        const last = await tx.findOne("ledger", {}, { orderBy: { sequence: "desc" } });
        const sequence = (last?.sequence ?? 0) + 1;
        const prevDigest = last ? chainDigest(last.prevDigest, last.digest) : GENESIS;
        await tx.insert("ledger", { sequence, weightSetId, digest, prevDigest, createdAt: clock.now() });
        return { sequence, chainDigest: chainDigest(prevDigest, digest) };
      }),
  };
}
