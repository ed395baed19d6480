import { ConnectionError, RequestError, StateFolderError, UserError } from "../sdk/index.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-codes.ts";

/** Tells the user what went wrong on stderr and returns the exit code; only bugs show a stack. */
export function reportError(error: unknown): number {
  const { message, code } = describe(error);
  process.stderr.write(`gradients: ${message}\n`);
  return code;
}

function describe(error: unknown): { readonly message: string; readonly code: number } {
  if (error instanceof CommandError) return { message: error.message, code: error.exitCode };
  if (error instanceof UserError)
    return { message: error.errors.map(userErrorLine).join("\n") + hint(error.code), code: EXIT.failed };
  if (error instanceof RequestError)
    return { message: `${error.message} [${error.code}]${hint(error.code)}`, code: EXIT.failed };
  if (error instanceof StateFolderError) return { message: error.message, code: EXIT.failed };
  if (error instanceof ConnectionError) return { message: error.message, code: EXIT.unavailable };
  if (error instanceof DOMException && error.name === "AbortError")
    return { message: "Interrupted.", code: EXIT.interrupted };
  // The system refuses a file or a folder: its message names both.
  if (error instanceof Error && "syscall" in error) return { message: error.message, code: EXIT.failed };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), code: EXIT.failed };
}

const userErrorLine = ({ code, message, path }: UserError["errors"][number]): string =>
  `${message} [${code}]${path.length === 0 ? "" : ` at ${path.join(".")}`}`;

const hint = (code: string): string =>
  code === "UNAUTHENTICATED" ? "\nA key is given with --api-key or in GRADIENTS_API_KEY." : "";
