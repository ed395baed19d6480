import { z } from "zod";
import { definePlugin, defineSynthesizer } from "../../core/contract/index.ts";
import { createChatClient } from "./chat-client.ts";
import { parseRewrite, rewriteMessages } from "./rewrite-prompt.ts";

/** Rewrites rows with a large language model behind an OpenAI-compatible chat endpoint. */
export const chatSynthesizer = defineSynthesizer({
  name: "chat",
  options: z.strictObject({
    /** Up to and with the version, for example https://api.example.com/v1 */
    baseUrl: z.url({ protocol: /^https?$/ }),
    /** Sent as a bearer token and never logged. */
    apiKey: z.string().min(1).nullable().default(null),
    model: z.string().min(1),
    timeoutMs: z.int().positive().default(120_000),
    /** Tries after the first one, for overload, server errors and broken connections. */
    retries: z.int().nonnegative().default(4),
    /** Pause before the first retry; doubles with each. */
    backoffMs: z.int().nonnegative().default(1000),
    maxTokens: z.int().positive().default(2048),
  }),
  create: (options, host) => {
    const chat = createChatClient(options, host.log);
    return {
      method: `chat:${options.model}`,
      async rewrite(request) {
        const reply = await chat({
          messages: rewriteMessages(request),
          temperature: request.synthesis.temperature,
          seed: Math.floor(request.rng() * 2 ** 31),
          signal: request.signal,
        });
        return reply.status === "answered" ? parseRewrite(request, reply.text) : reply;
      },
    };
  },
});

export default definePlugin({ name: "chat-synthesizer", version: "1.0.0", provides: [chatSynthesizer] });
