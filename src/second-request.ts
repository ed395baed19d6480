/** Ctrl-C reaches a program under npm twice: from the terminal, and passed on by npm. A person is slower. */
const SAME_MS = 500;

/** For the signals that ask a process to end: whether somebody asks again because it takes too long. */
export function secondRequest(now = () => performance.now()): () => boolean {
  let first: number | null = null;
  return () => now() - (first ??= now()) > SAME_MS;
}
