import { ModelError } from "../engine/index.ts";
import { writeProtocol } from "./claim-stdout.ts";
import type { Answer, Failure } from "./protocol.ts";
import { EvaluationError, MAXIMUM_ANSWER_BYTES } from "./protocol.ts";

/** Writes one line of the protocol. */
export function answer(line: Answer): void {
  const text = `${JSON.stringify(line)}\n`;
  if (Buffer.byteLength(text) <= MAXIMUM_ANSWER_BYTES) writeProtocol(text);
  else {
    const message = `The answer has more than ${MAXIMUM_ANSWER_BYTES} bytes.`;
    answer({ id: line.id, type: "error", cause: "infrastructure", code: "ANSWER_TOO_LONG", message });
  }
}

/** Who is to blame for an error: a model's faults are the submission's, everything unforeseen is not. */
export function toFailure(error: unknown): Failure {
  if (error instanceof EvaluationError) return { cause: error.cause, code: error.code, message: error.message };
  if (error instanceof ModelError) return { cause: "submission", code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof Error ? error.stack : message}\n`);
  return { cause: "infrastructure", code: "EVALUATOR_FAILED", message };
}
