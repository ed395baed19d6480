import type { MikroORM } from "@mikro-orm/postgresql";
import type { JobQueue, Log } from "../../app/ports.ts";
import { listen, OUTBOX_CHANNEL, TOPICS_CHANNEL } from "../db/index.ts";
import type { LocalBroadcast } from "./broadcast.ts";
import { startRelay } from "./relay.ts";
import { unpackTopics } from "./topic-messages.ts";

export interface EventsOptions {
  readonly orm: MikroORM;
  readonly url: string;
  readonly queue: Pick<JobQueue, "ring">;
  readonly broadcast: LocalBroadcast;
  readonly log: Log;
  /** Called with every bell: something has been committed. */
  readonly onBell: () => void;
}

export interface Events {
  stop(): Promise<void>;
}

/** Connects one process to the bell: relays the outbox, and tells this process's subscribers what any process relayed. */
export async function openEvents({ orm, url, queue, broadcast, log, onBell }: EventsOptions): Promise<Events> {
  const relay = startRelay(orm, queue, log);
  const bell = (): void => {
    relay.run();
    onBell();
  };
  const listener = await listen(url, [OUTBOX_CHANNEL, TOPICS_CHANNEL], {
    log,
    onConnected() {
      bell();
      broadcast.publishEverywhere();
    },
    onNotification(channel, payload) {
      if (channel === OUTBOX_CHANNEL) return bell();
      const rings = unpackTopics(payload);
      if (rings === null) return log.warn("a message on the topics channel is not ours", { payload });
      for (const [topic, ids] of rings) broadcast.publish(topic, ids);
    },
  });
  return {
    async stop() {
      await listener.close();
      await relay.stop();
    },
  };
}
