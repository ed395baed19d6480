import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";

const LOOK_EVERY_MS = 5;

/**
 * Resolves when nobody uses a connection or waits for one. A pool must not be ended before: a connection that is being
 * opened meanwhile is handed to a driver that has let go of its pool; nobody releases it, and the end waits for ever.
 */
export async function untilIdle(pool: Pool): Promise<void> {
  while (pool.totalCount > pool.idleCount || pool.waitingCount > 0) await delay(LOOK_EVERY_MS);
}
