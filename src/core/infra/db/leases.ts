import { randomUUID } from "node:crypto";
import type { MikroORM } from "@mikro-orm/postgresql";
import type { LeaseKind, Leases, Log, Tx } from "../../app/ports.ts";
import { LEASE } from "../../domain/index.ts";

export interface LeaseOptions {
  readonly heartbeatMs: number;
  readonly log: Log;
  /** Held at once by this process, by kind; more are left to others, or for later. Default: any number. */
  readonly most?: Partial<Readonly<Record<LeaseKind, number>>>;
}

/** Whether a holder has gone silent; a heartbeat from the future is none either, it is from before the clock was set back. */
const SILENT = "abs(extract(epoch from clock_timestamp() - leases.heartbeat_at)) * 1000 > ?";

/** The lease was lost: somebody else may be doing the work by now. */
export class LeaseLostError extends Error {
  constructor(resource: string) {
    super(`The lease of ${resource} was lost.`);
    this.name = "LeaseLostError";
  }
}

/** Leases of one process. */
export interface HeldLeases extends Leases {
  /** Tells all work under a lease to stop: the process ends, and somebody else goes on. */
  abandon(): void;
  /** Called when a lease ends after others had to be left because there were too many. */
  onRoom(listener: () => void): void;
}

/**
 * The Leases port over a table: one row for each held resource. Times are the database's, so that the clocks of several
 * servers need not agree; tokens come from one sequence, so that no two holders ever had the same.
 */
export function createLeases(orm: MikroORM, { heartbeatMs, log, most = {} }: LeaseOptions): HeldLeases {
  const patienceMs = heartbeatMs * LEASE.takeoverHeartbeats;

  const abandoned = new AbortController();
  const held: Record<LeaseKind, number> = { task: 0, fetch: 0, device: 0, model: 0 };
  let leftSome = false;
  let tellRoom = (): void => undefined;

  const take = async (resource: string): Promise<number | null> => {
    const [row] = await orm.em.fork().execute<{ token: string }[]>(
      `insert into leases (resource, holder, token, heartbeat_at) values (?, ?, nextval('lease_tokens'), clock_timestamp())
       on conflict (resource) do update
         set holder = excluded.holder, token = excluded.token, heartbeat_at = excluded.heartbeat_at
         where ${SILENT}
       returning token`,
      [resource, randomUUID(), patienceMs],
    );
    return row ? Number(row.token) : null;
  };
  const renew = async (resource: string, token: number): Promise<boolean> => {
    const rows = await orm.em
      .fork()
      .execute<object[]>(
        `update leases set heartbeat_at = clock_timestamp() where resource = ? and token = ? returning token`,
        [resource, token],
      );
    return rows.length > 0;
  };
  const release = async (resource: string, token: number): Promise<void> => {
    await orm.em.fork().execute(`delete from leases where resource = ? and token = ?`, [resource, token]);
  };

  const holding: Leases["withLease"] = async (resource, work) => {
    const token = await take(resource);
    if (token === null) return null;
    const lost = new AbortController();
    const heart = beat(
      heartbeatMs,
      patienceMs,
      () => renew(resource, token),
      () => {
        log.warn("a lease was lost", { resource, token });
        lost.abort(new LeaseLostError(resource));
      },
    );
    try {
      return { value: await work({ resource, token, signal: AbortSignal.any([lost.signal, abandoned.signal]) }) };
    } finally {
      heart.stop();
      await release(resource, token).catch((error: unknown) =>
        log.warn("a lease is left to run out", { resource, error: String(error) }),
      );
    }
  };

  return {
    async withLease(resource, work, kind = "task") {
      const full = held[kind] >= (most[kind] ?? Infinity);
      if (full) leftSome = true;
      if (full || abandoned.signal.aborted) return null;
      held[kind] += 1;
      try {
        return await holding(resource, work);
      } finally {
        held[kind] -= 1;
        if (leftSome) tellRoom();
        leftSome = false;
      }
    },
    onRoom(listener) {
      tellRoom = listener;
    },
    abandon: () => abandoned.abort(new Error("The process ends.")),
    async assertHeld(tx: Tx, { resource, token }) {
      // The row stays locked until the commit: nobody can take the lease between this look and the write.
      const row = await tx.findOne("leases", { resource, token }, { lock: "update" });
      if (!row) throw new LeaseLostError(resource);
    },
  };
}

/** Resources whose holder has gone silent; their rows are removed, so that the next taker need not wait. */
export async function dropDeadLeases(orm: MikroORM, heartbeatMs: number): Promise<ReadonlySet<string>> {
  const rows = await orm.em
    .fork()
    .execute<{ resource: string }[]>(`delete from leases where ${SILENT} returning resource`, [
      heartbeatMs * LEASE.takeoverHeartbeats,
    ]);
  return new Set(rows.map(({ resource }) => resource));
}

/** Renews until it is stopped, or the lease is gone, or the database has not answered for as long as others wait. */
function beat(everyMs: number, patienceMs: number, renew: () => Promise<boolean>, lose: () => void): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let patience = setTimeout(end, patienceMs);
  function stop(): void {
    stopped = true;
    clearTimeout(timer);
    clearTimeout(patience);
  }
  function end(): void {
    stop();
    lose();
  }
  async function renewNow(): Promise<void> {
    const held = await renew().catch(() => null);
    if (stopped) return;
    if (held === false) return end();
    if (held) {
      clearTimeout(patience);
      patience = setTimeout(end, patienceMs);
    }
    timer = setTimeout(renewNow, everyMs);
  }
  timer = setTimeout(renewNow, everyMs);
  return { stop };
}
