import { once } from "node:events";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { describe, expect, it, vi } from "vitest";
import { revokeApiKey } from "../../src/core/app/accounts/revoke-api-key.ts";
import { accessTopic } from "../../src/core/app/principal.ts";
import { issueMinerToken } from "../../src/core/app/miners/miner-token.ts";
import { suspendMiner } from "../../src/core/app/miners/suspend-miner.ts";
import { principalFromToken } from "../../src/core/app/principal-from-token.ts";
import { valueOf } from "../intake/result.ts";
import { aCompetitor, aCustomer, anOperator, aPlayedTask } from "./a-world.ts";
import { nextData, openSocket, subscribe, type TestSocket } from "./test-socket.ts";
import { withTestApi } from "./with-test-api.ts";

const WHO = "{ viewer { kind } }";

describe("a socket", () => {
  const api = withTestApi({
    limits: { maxFrameBytes: 10_000, maxOperationsPerSocket: 3 },
  });

  it.each([
    ["no JSON", "nonsense", 4400],
    ["no message of the protocol", JSON.stringify({ type: "dance" }), 4400],
    ["an operation without a query", JSON.stringify({ type: "subscribe", id: "a", payload: {} }), 4400],
    ["a second connection_init", JSON.stringify({ type: "connection_init" }), 4429],
    ["more bytes than allowed", JSON.stringify({ type: "ping", payload: { text: "x".repeat(20_000) } }), 1009],
  ])("that says %s is closed with the code for it", async (_what, message, code) => {
    const socket = await openSocket(api.url, {});
    socket.send(message);
    expect((await socket.closed).code).toBe(code);
  });

  it("that asks before it said connection_init is closed with 4401", async () => {
    const socket = await openSocket(api.url);
    subscribe(socket, "a", WHO);
    expect((await socket.closed).code).toBe(4401);
  });

  it("that speaks no protocol of ours is closed with 4406", async () => {
    const [code] = await once(new WebSocket(`${api.url.replace("http", "ws")}/graphql`), "close");
    expect(code).toBe(4406);
  });

  it("that sends a broken frame is closed, and the server goes on", async () => {
    const { port } = new URL(api.url);
    const raw = connect(Number(port), "127.0.0.1");
    raw.write(
      "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
    );
    await once(raw, "data");
    // Reserved bits, an unknown opcode and no mask: nothing that a client may send.
    raw.write(Buffer.from([0xff, 0x7f, 0xff, 0xff]));
    await once(raw, "close");
    expect(await api.query(WHO)).toEqual({ viewer: { kind: "ANONYMOUS" } });
  });

  it("that uses an id twice is closed with 4409", async () => {
    const { task } = await aPlayedTask(api.app, {}, []);
    const socket = await openSocket(api.url, {});
    const query = "subscription ($id: ID!) { taskUpdated(id: $id) { at } }";
    subscribe(socket, "a", query, { id: task.id });
    subscribe(socket, "a", query, { id: task.id });
    expect((await socket.closed).code).toBe(4409);
  });

  it("has a bounded number of operations at once", async () => {
    const { task } = await aPlayedTask(api.app, {}, []);
    const socket = await openSocket(api.url, {});
    for (const id of ["a", "b", "c", "d"]) {
      subscribe(socket, id, "subscription ($id: ID!) { taskUpdated(id: $id) { at } }", { id: task.id });
    }
    expect((await socket.closed).code).toBe(1008);
  });

  it("with a wrong token is closed with 4403", async () => {
    const socket = await openSocket(api.url);
    socket.send({ type: "connection_init", payload: { token: "nonsense" } });
    expect((await socket.closed).code).toBe(4403);
  });

  it.each([
    { token: 5 },
    { authorization: "Basic bmFtZTpzZWNyZXQ=" },
    { authorization: "" },
    { Authorization: ["Bearer"] },
  ])("that shows something else than a token, %j, is no anonymous visitor", async (payload) => {
    const socket = await openSocket(api.url);
    socket.send({ type: "connection_init", payload });
    expect((await socket.closed).code).toBe(4403);
  });

  it("may bring its token as token or as authorization", async () => {
    const { token } = await aCompetitor(api.app);
    for (const params of [{ token }, { authorization: `Bearer ${token}` }, { Authorization: `bearer ${token}` }]) {
      const socket = await openSocket(api.url, params);
      subscribe(socket, "a", WHO);
      expect(await nextData(socket)).toEqual({ viewer: { kind: "MINER" } });
      socket.terminate();
    }
  });
});

describe("a socket that never says connection_init", () => {
  const api = withTestApi({ limits: { connectionInitMs: 50 } });

  it("is closed with 4408", async () => {
    expect((await (await openSocket(api.url)).closed).code).toBe(4408);
  });
});

describe("a socket's token", () => {
  const api = withTestApi({ limits: { tokenCheckMs: 10, principalCheckMs: 10 } });
  const EVENTS = "subscription { minerEvents { id } }";

  async function open(): Promise<{ socket: TestSocket; minerId: string }> {
    const { miner, token } = await aCompetitor(api.app);
    // The test's clock may have moved since the token was made.
    const fresh = issueMinerToken(api.app, miner.hotkey).token;
    const socket = await openSocket(api.url, { token: fresh ?? token });
    subscribe(socket, "events", EVENTS);
    return { socket, minerId: miner.id };
  }

  it("ends the socket with 4403 when it expires", async () => {
    const { socket } = await open();
    api.clock.advance(api.app.settings.tokens.lifetimeMs + 1);
    expect(await socket.closed).toEqual({ code: 4403, reason: expect.stringContaining("expired") });
  });

  it("keeps the socket open when it was refreshed on it", async () => {
    const { socket } = await open();
    api.clock.advance(api.app.settings.tokens.lifetimeMs - 1_000);
    subscribe(socket, "refresh", "mutation { refreshToken { token userErrors { code } } }");
    expect(await nextData(socket)).toEqual({ refreshToken: { token: expect.any(String), userErrors: [] } });
    expect((await socket.next()).type).toBe("complete");
    api.clock.advance(2_000);
    subscribe(socket, "who", WHO);
    expect(await nextData(socket)).toEqual({ viewer: { kind: "MINER" } });
    socket.terminate();
  });

  it("ends the socket when the operator suspends the miner", async () => {
    const { socket, minerId } = await open();
    const operator = valueOf(await principalFromToken(api.app, await anOperator(api.app)));
    valueOf(await suspendMiner(api.app, operator, { minerId, suspended: true }));
    expect(await socket.closed).toEqual({ code: 4403, reason: expect.stringContaining("suspended") });
  });
});

describe("a socket whose holder loses its access", () => {
  const api = withTestApi();

  /** Rings what the last change left in the outbox, as its relay does after the commit. */
  async function relay(): Promise<void> {
    for (const { topic } of await api.app.store.find("outbox", { kind: "topic" })) api.app.broadcast.publish(topic, {});
  }

  it("is closed when its key is revoked, and another customer's stays", async () => {
    const operator = valueOf(await principalFromToken(api.app, await anOperator(api.app)));
    const [leaves, stays] = [await aCustomer(api.app, "one"), await aCustomer(api.app, "other")];
    const [first, second] = [
      await openSocket(api.url, { token: leaves.token }),
      await openSocket(api.url, { token: stays.token }),
    ];
    const [key] = await api.app.store.find("apiKeys", { accountId: leaves.accountId });
    valueOf(await revokeApiKey(api.app, operator, { apiKeyId: key?.id ?? "" }));
    await relay();
    expect(await first.closed).toEqual({ code: 4403, reason: expect.stringContaining("revoked") });
    subscribe(second, "a", WHO);
    expect(await nextData(second)).toEqual({ viewer: { kind: "CUSTOMER" } });
    second.terminate();
  });

  it("is closed when its miner is suspended, also after its access could once not be looked at", async () => {
    const operator = valueOf(await principalFromToken(api.app, await anOperator(api.app)));
    const { miner, token } = await aCompetitor(api.app);
    const socket = await openSocket(api.url, { token });
    const look = vi.spyOn(api.app.store, "findOne").mockRejectedValueOnce(new Error("the database is away"));
    api.app.broadcast.publish(accessTopic(miner.id), {});
    await expect.poll(() => look.mock.settledResults).not.toEqual([]);
    look.mockRestore();
    valueOf(await suspendMiner(api.app, operator, { minerId: miner.id, suspended: true }));
    await relay();
    expect(await socket.closed).toEqual({ code: 4403, reason: expect.stringContaining("suspended") });
  });
});
