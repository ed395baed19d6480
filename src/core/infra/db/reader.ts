import { LockMode, type EntityManager, type FilterQuery } from "@mikro-orm/postgresql";
import type { FindOptions, PageRequest, Reader, Where } from "../../app/ports.ts";
import type { Tables } from "../../app/records.ts";
import { entityOf } from "./entities/index.ts";
import { toFilter } from "./filter.ts";
import { afterKey } from "./keyset.ts";
import { readStatistics } from "./statistics.ts";

const LOCKS = { update: LockMode.PESSIMISTIC_WRITE, skip: LockMode.PESSIMISTIC_PARTIAL_WRITE } as const;

/** Reads through the entity managers that `manager` gives: one for each question, or the one of a transaction. */
export function createReader(manager: () => EntityManager): Reader {
  async function find<T extends keyof Tables>(table: T, where: Where<Tables[T]>, options: FindOptions<Tables[T]> = {}) {
    const em = manager();
    const filter = filterFor(em, table, where);
    return rows(em, table, filter, {
      ...(options.orderBy && { orderBy: [options.orderBy] }),
      ...(options.limit !== undefined && { limit: options.limit }),
      ...(options.lock && { lockMode: LOCKS[options.lock] }),
    });
  }

  return {
    find,
    async findOne(table, where, options = {}) {
      const [row] = await find(table, where, { ...options, limit: 1 });
      return row ?? null;
    },
    async count(table, where) {
      const em = manager();
      return em.count(entityOf(table), filterFor(em, table, where));
    },
    async page<T extends keyof Tables>(table: T, request: PageRequest<Tables[T]>) {
      const em = manager();
      const filters = [filterFor(em, table, request.where)];
      if (request.after) filters.push(afterKey(request.orderBy, request.direction, request.after));
      const orderBy = request.orderBy.map((column) => ({ [column]: request.direction }));
      return rows(em, table, { $and: filters } as FilterQuery<Tables[T]>, { orderBy, limit: request.limit });
    },
    ...readStatistics(manager),
  };
}

/** The ORM's filter for that table. */
export function filterFor<T extends keyof Tables>(
  em: EntityManager,
  table: T,
  where: Where<Tables[T]>,
): FilterQuery<Tables[T]> {
  return toFilter(em.getMetadata(entityOf(table)).properties, where);
}

async function rows<T extends keyof Tables>(
  em: EntityManager,
  table: T,
  filter: FilterQuery<Tables[T]>,
  options: { orderBy?: readonly object[]; limit?: number; lockMode?: LockMode },
): Promise<readonly Tables[T][]> {
  const found = await em.find(entityOf(table), filter, { ...options, disableIdentityMap: true } as object);
  // Plain records: callers must not meet the ORM's classes.
  return found.map((entity) => ({ ...entity }));
}
