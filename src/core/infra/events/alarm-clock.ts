import type { MikroORM } from "@mikro-orm/postgresql";
import type { Clock, Log, Store } from "../../app/ports.ts";
import { dueTaskIds } from "../db/index.ts";
import { repeat, type Repeated } from "./repeated.ts";

/** Looks even when nothing rang: a lost bell costs at most this. */
const FALLBACK_MS = 5_000;
/** A task that stays due (somebody holds it, or it failed) is looked at again after this. */
const STILL_DUE_MS = 250;

export interface AlarmClockOptions {
  readonly orm: MikroORM;
  readonly store: Pick<Store, "nextDueAt">;
  readonly clock: Clock;
  readonly log: Log;
  /** Does what that task's moment calls for; called again for a task that stays due. */
  readonly settle: (taskId: string) => Promise<void>;
}

/** Settles tasks at their `dueAt`. `run` re-arms it: call it whenever a task may have changed. */
export function startAlarmClock({ orm, store, clock, log, settle }: AlarmClockOptions): Repeated {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const alarm = repeat("the alarm clock", FALLBACK_MS, log, async () => {
    for (const id of await dueTaskIds(orm, clock.now())) {
      if (stopped) return;
      await settle(id).catch((error: unknown) =>
        log.error("a task could not be settled", { taskId: id, error: describe(error) }),
      );
    }
    const next = await store.nextDueAt();
    clearTimeout(timer);
    if (next === null || stopped) return;
    const waitMs = next.getTime() - clock.now().getTime();
    if (waitMs < FALLBACK_MS) timer = setTimeout(() => alarm.run(), waitMs > 0 ? waitMs : STILL_DUE_MS);
  });
  alarm.run();
  return {
    run: () => alarm.run(),
    async stop() {
      stopped = true;
      await alarm.stop();
      clearTimeout(timer);
    },
  };
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
