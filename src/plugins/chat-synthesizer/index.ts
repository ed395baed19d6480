import { z } from "zod";
import { definePlugin, defineSynthesizer } from "../../core/contract/index.ts";
import { answerRow } from "./answer-row.ts";
import { createChatClient, type ChatMessage } from "./chat-client.ts";
import { parseRewrite, rewriteMessages } from "./rewrite-prompt.ts";

/** Messages name the address, so that it must not have a secret in it. */
function isPlain(address: string): boolean {
  const url = URL.parse(address);
  return url === null || url.href === `${url.origin}${url.pathname}`;
}

/** Rewrites rows with a large language model behind an OpenAI-compatible chat endpoint. */
export const chatSynthesizer = defineSynthesizer({
  name: "chat",
  options: z.strictObject({
    /** Up to and with the version, for example https://api.example.com/v1 */
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .refine(isPlain, "expected no user name and no query in the address: a key goes into apiKey"),
    /** Sent as a bearer token and never logged. */
    apiKey: z.string().min(1).nullable().default(null),
    model: z.string().min(1),
    /** Answers rewritten prompts where a type wants a good answer; null takes `model`. */
    strongModel: z.string().min(1).nullable().default(null),
    /** Answers them where a type wants a worse one; null refuses the rows of such types. */
    weakModel: z.string().min(1).nullable().default(null),
    timeoutMs: z.int().positive().default(120_000),
    /** Tries after the first one, for overload, server errors and broken connections. */
    retries: z.int().nonnegative().default(4),
    /** Pause before the first retry; doubles with each. */
    backoffMs: z.int().nonnegative().default(1000),
    maxTokens: z.int().positive().default(2048),
  }),
  create: (options, host) => {
    const { model, weakModel } = options;
    const strongModel = options.strongModel ?? model;
    const client = (name: string) => createChatClient({ ...options, model: name }, host.log);
    const rewriter = client(model);
    const answerers = { strong: client(strongModel), weak: weakModel === null ? null : client(weakModel) };
    return {
      method:
        weakModel === null
          ? `chat:${model}`
          : `chat:${model}, strong answers ${strongModel}, weak answers ${weakModel}`,
      async rewrite(request) {
        const { synthesis } = request;
        for (const [role, strength] of Object.entries(synthesis.answers ?? {})) {
          if (answerers[strength] !== null) continue;
          return { status: "refused", reason: `${role} needs a ${strength} model: set the option ${strength}Model` };
        }
        const ask = (chat: typeof rewriter, messages: readonly ChatMessage[]) =>
          chat({
            messages,
            temperature: synthesis.temperature,
            // A retry with the same seed would get the same refused answer.
            seed: (Math.floor(request.rng() * 2 ** 31) + request.attempt) % 2 ** 31,
            signal: request.signal,
          });
        const reply = await ask(rewriter, rewriteMessages(request));
        const rewritten = reply.status === "answered" ? parseRewrite(request, reply.text) : reply;
        if (rewritten.status === "refused") return rewritten;
        return answerRow(rewritten.row, synthesis, (strength, messages) =>
          ask(answerers[strength] ?? rewriter, messages),
        );
      },
    };
  },
});

export default definePlugin({ name: "chat-synthesizer", version: "1.0.0", provides: [chatSynthesizer] });
