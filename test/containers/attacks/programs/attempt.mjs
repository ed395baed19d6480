/** The system's code for why something failed; "done" where it did not. */
export async function attempt(work) {
  try {
    await work();
    return "done";
  } catch (error) {
    return error.code ?? error.message;
  }
}
