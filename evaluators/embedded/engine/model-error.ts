/** What can be wrong with a model or an adapter that somebody else made. */
export type ModelErrorCode = "MALFORMED_MODEL" | "WRONG_ARCHITECTURE" | "WRONG_BASE" | "NON_FINITE_LOSS";

/** A fault of the model that was read, never of this program. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ModelError";
    this.code = code;
  }
}
