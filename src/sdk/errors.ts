/** One expected failure as the API reports it: code, sentence, and where in the input. */
export interface UserErrorItem {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}

/** An expected failure (`userErrors` of a payload): nothing was changed, and repeating the call will not help. */
export class UserError extends Error {
  override readonly name = "UserError";
  /** Code of the first error, as listed in docs/errors.md. */
  readonly code: string;
  readonly errors: readonly UserErrorItem[];

  constructor(errors: readonly [UserErrorItem, ...UserErrorItem[]]) {
    super(errors.map(({ code, message, path }) => `${message} [${[code, ...path].join(" ")}]`).join("; "));
    this.code = errors[0].code;
    this.errors = errors;
  }
}

/** The server refused or failed a request as a whole: bad query, missing rights, or a masked internal error. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The server could not be reached, or the connection broke: trying again later can help. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/**
 * Whether trying again later can help: the server can't be reached, or fails for a reason of its own (its database is away,
 * its disk is full), which is never the caller's to answer for.
 */
export const mayPass = (error: unknown): error is Error =>
  error instanceof ConnectionError || (error instanceof RequestError && error.code === "INTERNAL");

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isUserErrorItem = (value: unknown): value is UserErrorItem =>
  isRecord(value) &&
  typeof value["code"] === "string" &&
  typeof value["message"] === "string" &&
  Array.isArray(value["path"]);

/**
 * Looks for `userErrors` in every payload of a reply.
 *
 * @throws UserError where one is not empty.
 */
export function throwUserErrors(data: unknown): void {
  if (!isRecord(data)) return;
  for (const payload of Object.values(data)) {
    if (!isRecord(payload) || !Array.isArray(payload["userErrors"])) continue;
    const [first, ...rest] = payload["userErrors"].filter(isUserErrorItem);
    if (first !== undefined) throw new UserError([first, ...rest]);
  }
}

/** Makes a RequestError of the `errors` of a GraphQL reply; an internal error's id is in its message. */
export function toRequestError(errors: readonly unknown[]): RequestError {
  const first = errors.find(isRecord);
  const extensions = isRecord(first?.["extensions"]) ? first["extensions"] : {};
  const code = typeof extensions["code"] === "string" ? extensions["code"] : "INTERNAL";
  const messages = errors.filter(isRecord).map((error) => String(error["message"]));
  return new RequestError(code, messages.join("; "));
}

/**
 * The value of a payload's field that is only null beside a user error.
 *
 * @throws RequestError where it is null all the same.
 */
export function present<T>(value: T | null | undefined, field: string): T {
  if (value === null || value === undefined) throw new RequestError("INTERNAL", `The server's reply has no ${field}.`);
  return value;
}
