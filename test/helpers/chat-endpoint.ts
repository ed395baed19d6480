import { createServer, type IncomingMessage } from "node:http";

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  /** Breaks the connection instead. */
  readonly hangUp?: true;
  /** Never answers. */
  readonly silent?: true;
}
export interface Received {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}
export type Respond = (request: Received, count: number) => Answer;

const open: (() => Promise<unknown>)[] = [];

/** Ends every endpoint that a test started. */
export async function closeEndpoints(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

/** A reply with this text. */
export const completion = (content: string): Answer => ({
  body: { id: "x", choices: [{ index: 0, message: { role: "assistant", content } }] },
});

/** A chat endpoint on a free port of this machine. */
export async function startEndpoint(
  respond: Respond,
): Promise<{ readonly baseUrl: string; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const item = { path: request.url, authorization: request.headers.authorization, body };
      received.push(item);
      const answer = respond(item, received.length);
      if (answer.silent) return undefined;
      if (answer.hangUp) return request.socket.destroy();
      return response
        .writeHead(answer.status ?? 200, { "content-type": "application/json" })
        .end(JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the endpoint has no port");
  return { baseUrl: `http://127.0.0.1:${address.port}/v1/`, received };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
