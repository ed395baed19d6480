import { ConnectionError, toRequestError } from "./errors.ts";

export interface HttpRequest {
  readonly url: string;
  readonly query: string;
  readonly variables: unknown;
  readonly token: string | null;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal | undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/**
 * One GraphQL operation over HTTP.
 *
 * @throws ConnectionError where the server is not reachable or overloaded; RequestError where it answers with `errors`.
 */
export async function httpRequest({ url, query, variables, token, fetch, signal }: HttpRequest): Promise<unknown> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      ...(signal === undefined ? {} : { signal }),
    });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ConnectionError(`No answer from ${url}. Is the server running?`, { cause });
  }
  const body = parseJson(text);
  if (isRecord(body) && Array.isArray(body["errors"]) && body["errors"].length > 0)
    throw toRequestError(body["errors"]);
  if (isRecord(body) && "data" in body) return body["data"];
  throw new ConnectionError(`${url} answered with status ${status} and no GraphQL result.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
