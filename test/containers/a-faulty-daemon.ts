import { connect, createServer } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DAEMON } from "./a-daemon.ts";

/** The tests' daemon behind a socket that swallows some requests: to its client the daemon hangs in them. */
export interface FaultyDaemon extends AsyncDisposable {
  readonly address: string;
  /** Swallows nothing any more. */
  mend(): void;
}

/** @param hangs matches the first lines of the requests that are never answered, like `POST /v1/containers/x/start`. */
export async function startFaultyDaemon(hangs: RegExp): Promise<FaultyDaemon> {
  const folder = await mkdtemp(join(tmpdir(), "gradients-faulty-"));
  const path = join(folder, "docker.sock");
  const url = new URL(DAEMON);
  let broken = true;
  const server = createServer((client) => {
    const daemon = url.protocol === "unix:" ? connect(url.pathname) : connect(Number(url.port), url.hostname);
    for (const end of [client, daemon]) end.on("error", () => {});
    client.on("data", (chunk) => {
      const firstLine = chunk.toString("latin1", 0, 500).split("\r\n")[0] ?? "";
      if (!(broken && hangs.test(firstLine))) daemon.write(chunk);
    });
    client.on("close", () => daemon.destroy());
    daemon.pipe(client);
  });
  server.listen(path);
  await once(server, "listening");
  return {
    address: `unix://${path}`,
    mend: () => (broken = false),
    async [Symbol.asyncDispose]() {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
