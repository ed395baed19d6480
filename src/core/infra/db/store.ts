import type { MikroORM } from "@mikro-orm/postgresql";
import type { Clock, Store } from "../../app/ports.ts";
import { createReader } from "./reader.ts";
import { createTx } from "./transaction.ts";

const ATTEMPTS = 4;
/** serialization_failure, deadlock_detected */
const WORTH_ANOTHER_TRY: ReadonlySet<unknown> = new Set(["40001", "40P01"]);

/** The Store port over PostgreSQL. A transaction's work may run again, so its side effects belong in the database. */
export function createStore(orm: MikroORM, clock: Clock): Store {
  return {
    ...createReader(() => orm.em.fork()),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await orm.em.fork().transactional((em) => work(createTx(em, clock)));
        } catch (error) {
          if (attempt === ATTEMPTS || !isConflict(error)) throw error;
        }
      }
    },
  };
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error && "code" in error && WORTH_ANOTHER_TRY.has(error.code);
