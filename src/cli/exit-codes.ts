/** Exit codes of the command line, after sysexits.h. */
export const EXIT = Object.freeze({
  ok: 0,
  /** The request was understood and refused, or a check failed. */
  failed: 1,
  usage: 64,
  /** A file named by the user can't be read. */
  noInput: 66,
  /** The server can't be reached. */
  unavailable: 69,
  interrupted: 130,
});
