import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { InfrastructureError, type PluginLog } from "../../core/contract/index.ts";
import { readLimited } from "./read-limited.ts";

export interface ChatOptions {
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly model: string;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly backoffMs: number;
  readonly maxTokens: number;
}

export interface ChatMessage {
  readonly role: "system" | "user";
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly temperature: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** `refused`: this request will never be answered, another one may be. */
export type ChatReply =
  { readonly status: "answered"; readonly text: string } | { readonly status: "refused"; readonly reason: string };

const maxReplyBytes = 1_000_000;
const completion = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });

/** About the request itself: too long, not allowed by a filter. Anything else in 4xx is about the account or the address. */
const requestRefused = new Set([400, 413, 422]);
const worthRetrying = (status: number) => status === 408 || status === 429 || status >= 500;

/**
 * A function that asks an OpenAI-compatible endpoint for one completion.
 *
 * It rejects with an InfrastructureError when the service stays out of reach or refuses the account, and with the
 * signal's reason when that is aborted.
 */
export function createChatClient(options: ChatOptions, log: PluginLog): (request: ChatRequest) => Promise<ChatReply> {
  const url = `${options.baseUrl.replace(/\/+$/, "")}/chat/completions`;
  return async (request) => {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await ask(url, options, request).catch((error: unknown) =>
        connectionProblem(error, request.signal),
      );
      if (answer.status !== "failed") return answer;
      if (!answer.retry) throw new InfrastructureError("SYNTHESIZER_REFUSED", `${url} ${answer.reason}`);
      if (attempt >= options.retries) {
        const message = `${url} ${answer.reason} (tried ${attempt + 1} times)`;
        throw new InfrastructureError("SYNTHESIZER_UNREACHABLE", message);
      }
      log.warn("the chat endpoint failed and is asked again", { reason: answer.reason, attempt });
      await pause(options.backoffMs * 2 ** attempt, undefined, { signal: request.signal });
    }
  };
}

type Answer = ChatReply | { readonly status: "failed"; readonly retry: boolean; readonly reason: string };

async function ask(url: string, options: ChatOptions, request: ChatRequest): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(options.apiKey === null ? {} : { authorization: `Bearer ${options.apiKey}` }),
    },
    body: JSON.stringify({
      model: options.model,
      messages: request.messages,
      temperature: request.temperature,
      seed: request.seed,
      max_tokens: options.maxTokens,
    }),
    redirect: "error",
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(options.timeoutMs)]),
  });
  const text = await readLimited(response, maxReplyBytes);
  if (!response.ok) {
    const reason = `answered with HTTP ${response.status}`;
    if (requestRefused.has(response.status)) return { status: "refused", reason: `the chat endpoint ${reason}` };
    return { status: "failed", retry: worthRetrying(response.status), reason };
  }
  const parsed = completion.safeParse(parseJson(text));
  const content = parsed.success ? parsed.data.choices[0]?.message.content : undefined;
  if (content === undefined)
    return { status: "failed", retry: true, reason: "answered with something else than a completion" };
  return { status: "answered", text: content };
}

function connectionProblem(error: unknown, signal: AbortSignal): Answer {
  signal.throwIfAborted();
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : null;
  const message = error instanceof Error ? error.message : String(error);
  return { status: "failed", retry: true, reason: `can't be asked: ${cause ?? message}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
