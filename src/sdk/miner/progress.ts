import { z } from "zod";

const progressLine = z.object({
  step: z.number().int().nonnegative(),
  steps: z.number().int().positive().nullable().default(null),
  loss: z.number().nullable().default(null),
  etaSeconds: z.number().nonnegative().nullable().default(null),
  tokens: z.number().nonnegative().nullable().default(null),
});

/** How far a training is, as a trainer prints it on a line of its own: `{"step": 3, "steps": 100, "loss": 5.1, "etaSeconds": 7}`. */
export type Progress = z.output<typeof progressLine>;

/** The progress on a line of a trainer's output; null where the line is something else. */
export function parseProgress(line: string): Progress | null {
  if (!line.startsWith("{")) return null;
  try {
    return progressLine.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Sends progress when it comes, one at a time and at most once per interval: what comes in between is replaced by what
 * comes after it. The last step is always sent. `send` never rejects.
 */
export function progressReporter(
  send: (progress: Progress) => Promise<void>,
  { intervalMs, now }: { readonly intervalMs: number; readonly now: () => number },
) {
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let sending = false;
  let last: Progress | null = null;
  const trySend = async (): Promise<void> => {
    while (last !== null && !sending && (now() - lastSentAt >= intervalMs || last.step === last.steps)) {
      const progress = last;
      last = null;
      sending = true;
      lastSentAt = now();
      await send(progress);
      sending = false;
    }
  };
  return (progress: Progress): void => {
    last = progress;
    void trySend();
  };
}
