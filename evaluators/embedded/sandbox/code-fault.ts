/** How somebody's code failed. */
export type CodeFaultKind = "BROKEN" | "THREW" | "TIMEOUT" | "MEMORY" | "WRONG_LENGTH" | "NOT_A_NUMBER";

/** A fault of code that was run in the sandbox, never of this program. */
export interface CodeFault {
  readonly kind: CodeFaultKind;
  readonly message: string;
}

/** What a call came to: a list of numbers, all of them finite. */
export type CodeResult =
  { readonly ok: true; readonly numbers: readonly number[] } | ({ readonly ok: false } & CodeFault);
