import type { EntityManager } from "@mikro-orm/postgresql";
import type { Reader } from "../../app/ports.ts";

type Statistics = Pick<Reader, "averageScores" | "demandByKind" | "minersAssignedSince" | "busySlots" | "nextDueAt">;

/** Questions that are one aggregate each. */
export function readStatistics(manager: () => EntityManager): Statistics {
  const ask = <Row extends object>(sql: string, params: readonly unknown[] = []): Promise<Row[]> =>
    manager().execute<Row[]>(sql, [...params]);

  return {
    async averageScores(since) {
      // Tasks without a valid submission keep their rows but are FAILED: they enter no average.
      const rows = await ask<{ miner: string; score: number }>(
        `select s.miner_id as miner, avg(s.task_score) as score from scores s join tasks t on t.id = s.task_id
         where t.status = 'SCORED' and t.scored_at >= ? group by s.miner_id order by s.miner_id`,
        [since],
      );
      return new Map(rows.map(({ miner, score }) => [miner, score]));
    },
    async demandByKind(since) {
      const rows = await ask<{ kind: string; tasks: number }>(
        `select t.kind, count(*)::int as tasks from tasks t
         where t.created_at >= ? and t.origin <> 'BENCHMARK' and not (t.status = 'CANCELLED' and not exists
           (select from task_events e where e.task_id = t.id and e.to_status = 'RECRUITING'))
         group by t.kind order by t.kind`,
        [since],
      );
      return new Map(rows.map(({ kind, tasks }) => [kind, tasks]));
    },
    async minersAssignedSince(since) {
      // RELEASED ones were given back when a task was delayed: without penalty, so they do not count as a task.
      const rows = await ask<{ miner: string }>(
        `select distinct miner_id as miner from assignments where accepted_at >= ? and status <> 'RELEASED'`,
        [since],
      );
      return new Set(rows.map(({ miner }) => miner));
    },
    async busySlots() {
      const rows = await ask<{ miner: string; busy: number }>(
        `select miner_id as miner, count(*)::int as busy from assignments where status in ('ACCEPTED', 'ACTIVE')
         group by miner_id`,
      );
      return new Map(rows.map(({ miner, busy }) => [miner, busy]));
    },
    async nextDueAt() {
      const [row] = await ask<{ due: Date | string | null }>(
        `select min(due_at) as due from tasks where status not in ('SCORED', 'FAILED', 'CANCELLED')`,
      );
      return row?.due ? new Date(row.due) : null;
    },
  };
}
