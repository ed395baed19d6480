import { kernels } from "./memory.ts";

/** How the learning rate falls from its peak after the warm-up. */
export type ScheduleKind = "constant" | "linear" | "cosine";

export interface ScheduleOptions {
  readonly steps: number;
  /** Steps of linear warm-up from 0. */
  readonly warmup?: number;
  /** Share of the peak that is left at the last step. */
  readonly floor?: number;
}

/** Factor of the peak learning rate for step 0, 1, … steps - 1. */
export type Schedule = (step: number) => number;

/** A warm-up followed by the chosen decay. */
export function createSchedule(kind: ScheduleKind, { steps, warmup = 0, floor = 0 }: ScheduleOptions): Schedule {
  const decay = { constant: () => 1, linear: (done: number) => 1 - done, cosine: halfCosine }[kind];
  const span = Math.max(1, steps - 1 - warmup);
  return (step) => {
    if (step < warmup) return (step + 1) / (warmup + 1);
    const shape = decay(Math.min(1, (step - warmup) / span));
    return kind === "constant" ? shape : floor + (1 - floor) * shape;
  };
}

/** Linear warm-up, then half a cosine down to `floor`. */
export function cosineSchedule(options: ScheduleOptions): Schedule {
  return createSchedule("cosine", options);
}

function halfCosine(done: number): number {
  return 0.5 * (1 + kernels.cos(Math.PI * done));
}
