// The clients of bench/delivery.ts, in a process of their own: opens one socket per token, subscribes to the miner's
// events, and tells its parent when each arrived.
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";

export interface Order {
  readonly url: string;
  readonly tokens: readonly string[];
}

const AT_ONCE = 100;
const SUBSCRIBE = JSON.stringify({
  type: "subscribe",
  id: "events",
  payload: { query: "subscription { minerEvents { id cursor } }" },
});
const EVENT_ID = /"id":"([0-9a-f-]{36})"/;

export interface Receipt {
  readonly id: string;
  /** Milliseconds since 1970, with fractions. */
  readonly at: number;
}

process.once("message", (order: Order) => void open(order));

async function open({ url, tokens }: Order): Promise<void> {
  const address = `${url.replace("http", "ws")}/graphql`;
  for (let from = 0; from < tokens.length; from += AT_ONCE) {
    await Promise.all(tokens.slice(from, from + AT_ONCE).map((token) => connect(address, token)));
    // Leaves the other process some air.
    await wait(1);
  }
}

function connect(address: string, token: string): Promise<void> {
  const socket = new WebSocket(address, "graphql-transport-ws", { perMessageDeflate: false });
  socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: { token } })));
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      const at = performance.timeOrigin + performance.now();
      const id = EVENT_ID.exec(text)?.[1];
      if (id) return process.send?.({ id, at } satisfies Receipt);
      if (text.includes('"connection_ack"')) {
        socket.send(SUBSCRIBE);
        resolve();
      }
      return undefined;
    });
  });
}
