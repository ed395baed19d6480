import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll } from "vitest";

/** Why there is no Redis to test with; null where GRADIENTS_REDIS_URL names one or redis-server is installed. */
export const noRedis: string | null =
  process.env["GRADIENTS_REDIS_URL"] || spawnSync("redis-server", ["--version"]).status === 0
    ? null
    : "no redis-server is installed and GRADIENTS_REDIS_URL is not set";

/** A Redis server for the calling test file: the one that GRADIENTS_REDIS_URL names, or one of its own. */
export function withRedis(): { readonly url: string } {
  let url: string | undefined;
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    url = process.env["GRADIENTS_REDIS_URL"];
    if (url || noRedis) return;
    const folder = mkdtempSync(join(tmpdir(), "gradients-test-redis-"));
    const port = await freePort();
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: server.stdout })) if (line.includes("Ready to accept")) break;
    server.stdout.resume();
    url = `redis://127.0.0.1:${port}`;
    stop = async () => {
      const ended = once(server, "exit");
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    };
  });
  afterAll(async () => stop?.());
  return {
    get url() {
      if (!url) throw new Error("Redis is there from beforeAll to afterAll.");
      return url;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("A TCP socket has no port.");
  return address.port;
}
