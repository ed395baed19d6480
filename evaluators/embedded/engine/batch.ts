/** A tokenised text and which of its tokens count towards the loss. */
export interface Example {
  readonly ids: readonly number[];
  readonly counts: readonly boolean[];
}

/** Examples side by side: position t of a row predicts targets[t]; -1 where nothing counts. */
export interface Batch {
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  readonly batch: number;
  readonly length: number;
  /** Number of counted targets. */
  readonly counted: number;
}

/** Pads examples on the right to one length and shifts the targets by one; the first token is never predicted. */
export function batch(examples: readonly Example[], padId = 0): Batch {
  const length = Math.max(1, ...examples.map(({ ids }) => ids.length - 1));
  const ids = new Int32Array(examples.length * length).fill(padId);
  const targets = new Int32Array(examples.length * length).fill(-1);
  let counted = 0;
  for (const [row, example] of examples.entries()) {
    for (const [position, id] of example.ids.entries()) {
      if (position < example.ids.length - 1) ids[row * length + position] = id;
      if (position > 0 && example.counts[position] === true) {
        targets[row * length + position - 1] = id;
        counted += 1;
      }
    }
  }
  return { ids, targets, batch: examples.length, length, counted };
}
