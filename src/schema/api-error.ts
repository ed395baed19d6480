import { GraphQLError } from "graphql";
import { type AppError, type AppResult, type ErrorCode, fail } from "../core/app/index.ts";

/** An expected failure where there is no payload to carry it (queries, subscriptions): never masked. */
export class ApiError extends GraphQLError {
  constructor({ code, message, path }: AppError) {
    super(message, { extensions: { code, argumentPath: path } });
    this.name = "ApiError";
  }
}

/** The value of a result, or a throw of its error that clients may read. */
export function valueOf<T>(result: AppResult<T>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.error);
}

/** Throws an expected failure. */
export function refuse(code: ErrorCode, message: string, path: readonly string[] = []): never {
  throw new ApiError(fail(code, message, path).error);
}
