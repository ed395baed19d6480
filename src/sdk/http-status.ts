import { ConnectionError, RequestError } from "./errors.ts";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** What a failed file transfer means: later can help (5xx, 408, 429) or the request itself is wrong. */
export async function toTransferError(response: Response, what: string): Promise<Error> {
  const text = await response.text().catch(() => "");
  const retryable = response.status >= 500 || response.status === 408 || response.status === 429;
  if (retryable) return new ConnectionError(`${what}: the server answered with status ${response.status}.`);
  const { code, message } = readError(text);
  return new RequestError(code ?? `HTTP_${response.status}`, `${what}: ${message ?? `status ${response.status}`}`);
}

function readError(text: string): { readonly code?: string; readonly message?: string } {
  try {
    const body: unknown = JSON.parse(text);
    const error = isRecord(body) && isRecord(body["error"]) ? body["error"] : body;
    if (!isRecord(error)) return {};
    return {
      ...(typeof error["code"] === "string" ? { code: error["code"] } : {}),
      ...(typeof error["message"] === "string" ? { message: error["message"] } : {}),
    };
  } catch {
    return {};
  }
}
