import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Whoever connects here gets to the other socket as soon as somebody listens there: as where systemd holds a daemon's socket. */
export async function startWaitingSocket(path: string, daemon: string): Promise<AsyncDisposable> {
  const server = createServer(async (client) => {
    client.on("error", () => {});
    const found = await reach(daemon);
    found.on("error", () => {});
    client.on("close", () => found.destroy());
    found.on("close", () => client.destroy());
    client.pipe(found).pipe(client);
  });
  await once(server.listen(path), "listening");
  return {
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

async function reach(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      await pause(50);
    }
  }
}
