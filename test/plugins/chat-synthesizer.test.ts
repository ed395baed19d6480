import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestHost } from "../../src/core/contract/testing/test-host.ts";
import { testSynthesizer } from "../../src/core/contract/testing/test-synthesizer.ts";
import { chatSynthesizer } from "../../src/plugins/chat-synthesizer/index.ts";
import { closeEndpoints, completion, type Respond, startEndpoint } from "../helpers/chat-endpoint.ts";

afterEach(closeEndpoints);

const chatBody = z.object({ messages: z.tuple([z.unknown(), z.object({ content: z.string() })]) });
const askedRow = z.object({ rewrite: z.record(z.string(), z.string()) });

/** Answers like a model that turns its row around. */
const obedient: Respond = ({ body }) => {
  const { rewrite } = askedRow.parse(JSON.parse(chatBody.parse(body).messages[1].content));
  if (Object.values(rewrite).includes("refuse me")) return completion("I can't help with that.");
  return completion(
    `Sure!\n\`\`\`json\n${JSON.stringify(Object.fromEntries(Object.entries(rewrite).map(([key, text]) => [key, `In other words: ${text}`])))}\n\`\`\``,
  );
};

const synthesis = { temperature: 0.6, rewrite: ["instruction", "input"], keep: ["output"] };
const row = { instruction: "Translate to Spanish: Germany", input: "", output: "Alemania" };

async function rewriteWith(respond: Respond, options: object = {}, signal = new AbortController().signal) {
  await using host = await createTestHost();
  const { baseUrl, received } = await startEndpoint(respond);
  const parsed = chatSynthesizer.options.parse({
    baseUrl,
    model: "some-model",
    apiKey: "secret-key",
    backoffMs: 1,
    ...options,
  });
  const live = chatSynthesizer.create(parsed, host);
  const asked = live.rewrite({ row, synthesis, variant: 2, attempt: 0, rng: () => 0.5, signal });
  const [settled] = await Promise.allSettled([asked]);
  const value = settled.status === "fulfilled" ? settled.value : null;
  const error: unknown = settled.status === "rejected" ? settled.reason : null;
  return { value, error, received, messages: host.messages };
}

testSynthesizer(
  "chat",
  async (host) => {
    const { baseUrl } = await startEndpoint(obedient);
    return chatSynthesizer.create(chatSynthesizer.options.parse({ baseUrl, model: "some-model" }), host);
  },
  {
    rewritten: [{ name: "an instruction with an empty input", row, synthesis }],
    refused: [
      {
        name: "what the model won't rewrite",
        row: { instruction: "refuse me", output: "x" },
        synthesis,
        reason: /not the row as JSON/,
      },
    ],
  },
);

describe("chat synthesizer", () => {
  it("sends the texts to rewrite, the context and the sampling settings", async () => {
    const { received } = await rewriteWith(obedient);
    expect(received).toMatchObject([
      {
        path: "/v1/chat/completions",
        authorization: "Bearer secret-key",
        body: { model: "some-model", temperature: 0.6, seed: 2 ** 30 },
      },
    ]);
    const [, { content }] = chatBody.parse(received[0]?.body).messages;
    expect(JSON.parse(content)).toEqual({
      version: 3,
      rewrite: { instruction: row.instruction },
      keep: { output: "Alemania" },
    });
  });

  it.each([{ status: 429 }, { status: 500 }, { hangUp: true }, { body: { choices: [] } }] as const)(
    "asks again after %j",
    async (failure) => {
      const { value, received } = await rewriteWith((request, count) =>
        count < 3 ? failure : obedient(request, count),
      );
      expect(value).toMatchObject({ status: "rewritten" });
      expect(received).toHaveLength(3);
    },
  );

  it("gives up as an infrastructure failure after its retries", async () => {
    const { error, received } = await rewriteWith(() => ({ status: 503 }), { retries: 2 });
    expect(error).toMatchObject({ name: "InfrastructureError", code: "SYNTHESIZER_UNREACHABLE" });
    expect(received).toHaveLength(3);
  });

  it("gives up on an endpoint that does not answer in time", async () => {
    const { error } = await rewriteWith(() => ({ silent: true }), { timeoutMs: 50, retries: 1 });
    expect(error).toMatchObject({ code: "SYNTHESIZER_UNREACHABLE" });
  });

  it("does not ask again where the account is refused", async () => {
    const { error, received } = await rewriteWith(() => ({ status: 401 }));
    expect(error).toMatchObject({ code: "SYNTHESIZER_REFUSED" });
    expect(received).toHaveLength(1);
  });

  it("refuses the row where the endpoint refuses the request", async () => {
    expect((await rewriteWith(() => ({ status: 400 }))).value).toMatchObject({ status: "refused" });
  });

  it.each(["https://me:secret@api.example.com/v1", "https://api.example.com/v1?key=secret"])(
    "takes no address with a secret in it, which messages would show: %s",
    (baseUrl) => {
      const refused = chatSynthesizer.options.safeParse({ baseUrl, model: "some-model" });
      expect(refused.error?.issues).toMatchObject([{ path: ["baseUrl"], message: expect.stringContaining("apiKey") }]);
    },
  );

  it("never shows the key", async () => {
    const { error, messages } = await rewriteWith(() => ({ status: 500 }), { retries: 1 });
    expect(messages).not.toEqual([]);
    expect(JSON.stringify([messages, String(error)])).not.toContain("secret-key");
  });

  it("stops when it is called off", async () => {
    const controller = new AbortController();
    const respond: Respond = () => {
      controller.abort(new Error("the server is stopping"));
      return { silent: true };
    };
    expect((await rewriteWith(respond, {}, controller.signal)).error).toMatchObject({
      message: "the server is stopping",
    });
  });

  it.each([
    ["other keys", `{"question": "x"}`],
    ["an empty text", `{"instruction": " "}`],
    ["a text that is no string", `{"instruction": 1}`],
    ["the row itself", JSON.stringify({ instruction: row.instruction })],
    ["a list", `["x"]`],
    ["no JSON", "Here you are."],
  ])("refuses a reply with %s", async (_, content) => {
    expect((await rewriteWith(() => completion(content))).value).toMatchObject({ status: "refused" });
  });

  it("does not read a reply of more than a megabyte", async () => {
    const { error } = await rewriteWith(() => completion("x".repeat(2_000_000)), { retries: 0 });
    expect(error).toMatchObject({ message: expect.stringContaining("longer than 1000000 bytes") });
  });
});
