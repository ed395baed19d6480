import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { download, readAnswer } from "./download.ts";
import { openUrl } from "./open-url.ts";
import { isPublicAddress } from "./public-address.ts";

const limits = { maxBytes: 1000, timeoutMs: 5000 };

describe("downloads for customers", () => {
  it.each(["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])("may go to %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "::1",
    "fd00::1",
    "fe80::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fec0::1",
    "fe80::1%eth0",
    "203.0.113.1",
    "localhost",
    "",
  ])("never go to %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    "http://example.org/a.json",
    "file:///etc/passwd",
    "https://127.0.0.1/a.json",
    "https://[::1]/a.json",
    "https://[::ffff:7f00:1]/a.json",
    "https://2130706433/a.json",
    "https://0x7f.1/a.json",
    "https://0177.0.0.1/a.json",
    "https://127.1/a.json",
    "https://user:word@example.org/a",
    "nonsense",
    "https://localhost:1/a.json",
  ])("refuse %s with a value", async (url) => {
    const answer = await download(url, limits, new AbortController().signal);
    expect(answer).toMatchObject({ ok: false, error: { code: "DATASET_UNREADABLE" } });
  });
});

describe("reading an address", () => {
  const aServer = async (answer: RequestListener) => {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // it listens on a port
    const ask = () => openUrl(`http://127.0.0.1:${port}/`, () => "trusted", AbortSignal.timeout(5000));
    return { server, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  };

  it("makes a connection of its own: one to a trusted address is never used where only a public one may be", async () => {
    await using one = await aServer((_, response) => response.end("a"));
    let connections = 0;
    one.server.on("connection", () => (connections += 1));
    for (let asked = 0; asked < 2; asked += 1) expect(await text(await one.ask())).toBe("a");
    expect(connections).toBe(2);
  });

  it.each([
    ["a file that announces too many bytes", { "content-length": "1001" }, "DATASET_TOO_LARGE", "found 1001"],
    ["a file that goes on and on", {}, "DATASET_TOO_LARGE", "found more"],
    ["a file that comes packed", { "content-encoding": "gzip" }, "DATASET_UNREADABLE", "packed by its server (gzip)"],
  ])("refuses %s, and hangs up", async (_name, headers, code, message) => {
    await using one = await aServer((_, response) => {
      response.writeHead(200, headers);
      response.on("close", () => clearInterval(more));
      const more = setInterval(() => response.write(Buffer.alloc(500)), 1);
    });
    const answer = await readAnswer(await one.ask(), limits.maxBytes);
    expect(answer).toMatchObject({ ok: false, error: { code, message: expect.stringContaining(message) } });
  });
});
