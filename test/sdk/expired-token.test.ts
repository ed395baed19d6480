import { expect, it } from "vitest";
import { z } from "zod";
import { authenticateMiner, createClient, createKeyPair } from "../../src/sdk/index.ts";
import { HeartbeatDocument } from "../../src/sdk/generated/graphql.ts";

const Body = z.object({ query: z.string() });

/** A server that takes only the last of the tokens that it gave, and answers nothing at all with another one. */
function strictServer() {
  const tokens: string[] = [];
  const refused: string[] = [];
  const answer = (query: string): object => {
    if (query.includes("requestChallenge")) return { requestChallenge: { challenge: { id: "c", message: "sign" } } };
    if (!query.includes("authenticate(")) return { heartbeat: { at: new Date(0).toISOString(), userErrors: [] } };
    tokens.push(`token ${tokens.length + 1}`);
    return { authenticate: { token: tokens.at(-1), expiresAt: new Date(0).toISOString(), miner: null } };
  };
  const fetch: typeof globalThis.fetch = async (...call) => {
    const request = new Request(...call);
    const token = request.headers.get("authorization")?.replace("Bearer ", "");
    if (token === undefined || token === tokens.at(-1))
      return Response.json({ data: answer(Body.parse(await request.json()).query) });
    refused.push(token);
    const errors = [{ message: "the token expired", extensions: { code: "UNAUTHENTICATED" } }];
    return Response.json({ errors }, { status: 401 });
  };
  return { fetch, tokens, refused };
}

const keyPair = createKeyPair(new Uint8Array(32));

const clientWithExpiredToken = (fetch: typeof globalThis.fetch, renewToken: () => Promise<unknown>) =>
  createClient({ url: "http://127.0.0.1:1", token: "expired", fetch, renewToken });

it("a request whose token has expired is made again with a new one", async () => {
  const server = strictServer();
  await using client = clientWithExpiredToken(server.fetch, () => authenticateMiner(client, keyPair));
  expect(await client.request(HeartbeatDocument, { input: {} })).toMatchObject({ heartbeat: { userErrors: [] } });
  await client.request(HeartbeatDocument, { input: {} });
  expect([server.refused, server.tokens]).toEqual([["expired"], ["token 1"]]);
});

it("requests that are refused together take one new token", async () => {
  const server = strictServer();
  await using client = clientWithExpiredToken(server.fetch, () => authenticateMiner(client, keyPair));
  await Promise.all(Array.from({ length: 5 }, () => client.request(HeartbeatDocument, { input: {} })));
  expect(server.tokens).toEqual(["token 1"]);
});

it("a request that is refused with a new token too is not made for ever", async () => {
  const server = strictServer();
  await using client = clientWithExpiredToken(server.fetch, async () => undefined);
  await expect(client.request(HeartbeatDocument, { input: {} })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(server.refused).toHaveLength(2);
});
