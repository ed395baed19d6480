import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { type App, ERROR_CODES } from "../core/app/index.ts";

export type ErrorMask = (error: unknown) => GraphQLFormattedError;

const CATALOGUE: ReadonlySet<unknown> = new Set(ERROR_CODES);

/**
 * What a client may read of an error, one function for HTTP and WebSocket: expected failures as they are, mistakes of
 * the request (syntax, validation, variables) as graphql words them, and of everything else an id that is in the log.
 */
export function createErrorMask(app: Pick<App, "ids" | "log">): ErrorMask {
  return (error) => {
    const causes = causesOf(error);
    const located = error instanceof GraphQLError ? error : null;
    const where = {
      ...(located?.locations ? { locations: located.locations } : {}),
      ...(located?.path ? { path: located.path } : {}),
    };
    const expected = causes.find(isCatalogued);
    if (expected) {
      const { code, argumentPath } = expected.extensions;
      const extensions = argumentPath === undefined ? { code } : { code, argumentPath };
      return { message: expected.message, ...where, extensions };
    }
    // Before the execution there is no path, and all errors are graphql's (or Apollo's) own words about the request.
    if (located && !located.path && causes.every((cause) => cause instanceof GraphQLError)) {
      return { message: located.message, ...where, extensions: { code: requestCode(located) } };
    }
    const errorId = app.ids.random();
    const cause = causes.at(-1);
    app.log.error("an unexpected error was masked", {
      errorId,
      path: located?.path?.join(".") ?? null,
      reason: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    });
    const message = `something went wrong on our side; the operator finds it in the log under ${errorId}`;
    return { message, ...where, extensions: { code: "INTERNAL", errorId } };
  };
}

/** The error and what it was made from, outermost first. */
function causesOf(error: unknown): readonly unknown[] {
  const original = error instanceof GraphQLError ? error.originalError : undefined;
  return original === undefined || original === null ? [error] : [error, ...causesOf(original)];
}

const isCatalogued = (cause: unknown): cause is GraphQLError =>
  cause instanceof GraphQLError && CATALOGUE.has(cause.extensions["code"]) && cause.extensions["code"] !== "INTERNAL";

/** Apollo names its own; over a socket an error of the request that has no name is one of its variables. */
function requestCode({ extensions }: GraphQLError): string {
  return typeof extensions["code"] === "string" ? extensions["code"] : "BAD_USER_INPUT";
}
