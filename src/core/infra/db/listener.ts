import { Client } from "pg";
import type { Log } from "../../app/ports.ts";

const RECONNECT_MS = 500;

export interface ListenerEvents {
  readonly log: Log;
  /** After every connection, the first included: something may have been missed before it. */
  onConnected(): void;
  onNotification(channel: string, payload: string): void;
}

/** Listens on PostgreSQL channels over a connection of its own, and connects again when it breaks. */
export async function listen(
  url: string,
  channels: readonly string[],
  events: ListenerEvents,
): Promise<{ close(): Promise<void> }> {
  let closed = false;
  let client: Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  const lose = (lost: Client): void => {
    if (closed || client !== lost) return;
    client = undefined;
    void lost.end().catch(() => undefined);
    retry = setTimeout(() => void connect().catch(() => undefined), RECONNECT_MS);
  };
  const connect = async (): Promise<void> => {
    const fresh = new Client({ connectionString: url, keepAlive: true, application_name: "gradients listener" });
    client = fresh;
    fresh.on("error", (error) => {
      if (!closed) events.log.warn("the listening connection broke", { error: error.message });
      lose(fresh);
    });
    fresh.on("end", () => lose(fresh));
    fresh.on("notification", ({ channel, payload }) => events.onNotification(channel, payload ?? ""));
    try {
      await fresh.connect();
      for (const channel of channels) await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`);
    } catch (error) {
      lose(fresh);
      throw error;
    }
    events.onConnected();
  };

  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
