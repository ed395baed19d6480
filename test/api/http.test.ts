import { constants } from "node:buffer";
import * as diagnostics from "node:diagnostics_channel";
import { once } from "node:events";
import { request, type IncomingMessage, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/core/app/index.ts";
import { API_LIMITS, createApi } from "../../src/schema/index.ts";
import { createTestApp } from "../helpers/test-app.ts";
import { aCompetitor, aCustomer, anOperator } from "./a-world.ts";
import { openSocket } from "./test-socket.ts";
import { withTestApi } from "./with-test-api.ts";

describe("the port", () => {
  const api = withTestApi();

  it("serves a page with GraphiQL that asks nobody else for anything", async () => {
    const page = await fetch(api.url);
    const html = await page.text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? "");
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) {
      const url = new URL(address, api.url);
      expect(url.origin).toBe(api.url);
      const asset = await fetch(url);
      expect([address, asset.status]).toEqual([address, 200]);
      expect((await asset.text()).length).toBeGreaterThan(100);
    }
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
  });

  it("gives out no other file of a package", async () => {
    for (const path of ["package.json", "..%2f..%2fpackage.json", "constructor", "__proto__"]) {
      expect([path, (await fetch(`${api.url}/graphiql/${path}`)).status]).toEqual([path, 404]);
    }
  });

  it("says that it is well, and what it has where", async () => {
    const health = await fetch(`${api.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
    const nothing = await fetch(`${api.url}/nothing`);
    expect([nothing.status, await nothing.json()]).toEqual([
      404,
      { error: expect.objectContaining({ code: "NOT_FOUND" }) },
    ]);
    expect(nothing.headers.get("x-powered-by")).toBeNull();
  });

  it("lets frontends of other origins ask", async () => {
    const preflight = await fetch(`${api.url}/graphql`, {
      method: "OPTIONS",
      headers: { origin: "https://example.org" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("Authorization");
  });

  it("answers an address that can't be decoded as the client's mistake", async () => {
    for (const [method, path] of [
      ["GET", "/files/%E0%A4%A/model"],
      ["PUT", "/uploads/%E0%A4%A/0"],
    ] as const) {
      const response = await fetch(`${api.url}${path}`, { method });
      const body = (await response.json()) as { errors: readonly { extensions: unknown }[] }; // the format of errors
      expect([response.status, body.errors[0]?.extensions]).toEqual([400, { code: "INVALID_INPUT" }]);
    }
  });

  it("answers a query that is too costly with 400", async () => {
    const { status, errors } = await api.post(
      "{ tasks(first: 100) { nodes { submissions(first: 100) { nodes { id } } } } }",
    );
    expect([status, errors[0]?.extensions]).toEqual([400, { code: "QUERY_TOO_COMPLEX" }]);
  });

  it("takes long bodies from those who may post datasets only, also where they travel compressed", async () => {
    const operatorKey = await anOperator(api.app);
    const customer = await aCustomer(api.app);
    const miner = await aCompetitor(api.app);
    const body = JSON.stringify({ query: "{ viewer { kind } }", variables: { text: "x".repeat(1_500_000) } });
    const send = async (token: string | null, compressed: boolean) => {
      const headers = {
        "content-type": "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(compressed ? { "content-encoding": "gzip" } : {}),
      };
      const response = await fetch(`${api.url}/graphql`, {
        method: "POST",
        headers,
        body: compressed ? gzipSync(body) : body,
      });
      await response.arrayBuffer();
      return response.status;
    };
    for (const compressed of [false, true]) {
      expect(await Promise.all([null, miner.token].map((token) => send(token, compressed)))).toEqual([413, 413]);
      expect(await Promise.all([operatorKey, customer.token].map((token) => send(token, compressed)))).toEqual([
        200, 200,
      ]);
    }
  });

  it("answers a subscription with where to send it", async () => {
    for (const query of ["subscription { minerEvents { id } }", "subscription { leaderboardUpdated { id } }"]) {
      const { status, errors } = await api.post(query);
      expect([status, errors]).toEqual([
        400,
        [{ message: expect.stringContaining("WebSocket"), extensions: { code: "BAD_REQUEST" } }],
      ]);
    }
  });

  it("refuses what a form of another site could send", async () => {
    const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent("{ viewer { kind } }")}`);
    expect(response.status).toBe(400);
  });
});

describe("rows in a body", () => {
  const api = withTestApi({ limits: { bodyOverheadBytes: 1_000, maxRowsInBodyBytes: 2_000 } });

  it("are bounded, however many bytes a dataset may have", async () => {
    const { token } = await aCustomer(api.app);
    expect(api.app.settings.dataset.maxBytes).toBeGreaterThan(3_000);
    const variables = { text: " ".repeat(4_000) };
    const { status, errors } = await api.post("{ viewer { kind } }", { token, variables });
    expect([status, errors]).toEqual([
      413,
      [{ message: expect.stringContaining("at most 3000 bytes"), extensions: { code: "INVALID_INPUT" } }],
    ]);
  });

  it("leave a body that one text can hold: a longer one would end the process", () => {
    expect(API_LIMITS.bodyOverheadBytes + API_LIMITS.maxRowsInBodyBytes).toBeLessThan(constants.MAX_STRING_LENGTH / 2);
  });
});

describe("a slow client", () => {
  const api = withTestApi({ limits: { bodyMs: 50 } });

  it("is told that its body took too long", async () => {
    const { port } = new URL(api.url);
    const sending = request({ port, path: "/graphql", method: "POST", headers: { "Content-Length": 1_000 } });
    sending.setHeader("Content-Type", "application/json");
    sending.write("{");
    const [response] = (await once(sending, "response")) as [IncomingMessage]; // what a request gets
    expect(response.statusCode).toBe(408);
    expect(await json(response)).toEqual({
      errors: [{ message: expect.stringContaining("within 0.05 s"), extensions: { code: "BAD_REQUEST" } }],
    });
    sending.destroy();
  });

  it("may take as long for an upload as its bytes do", async () => {
    const channel = "http.server.request.start";
    const servers: Server[] = [];
    const note = (message: unknown) => servers.push((message as { server: Server }).server); // as Node documents it
    diagnostics.subscribe(channel, note);
    await fetch(`${api.url}/healthz`);
    diagnostics.unsubscribe(channel, note);
    expect(servers.map(({ requestTimeout, headersTimeout }) => [requestTimeout, headersTimeout])).toEqual([
      [0, API_LIMITS.headersMs],
    ]);
  });
});

describe("a server", () => {
  it("without its database says so", async () => {
    await using world = await createTestApp();
    const store: Store = { ...world.app.store, findOne: () => Promise.reject(new Error("no connection")) };
    const api = await createApi({ app: { ...world.app, store } });
    expect((await fetch(`${api.url}/healthz`)).status).toBe(503);
    await api.stop();
  });

  it("that stops asks its sockets to come back and takes no new request", async () => {
    await using world = await createTestApp();
    const api = await createApi({ app: world.app });
    const socket = await openSocket(api.url, {});
    const stopped = api.stop();
    expect((await socket.closed).code).toBe(1001);
    await stopped;
    await expect(fetch(`${api.url}/healthz`)).rejects.toThrow("fetch failed");
  });
});
