/** Keeps the last `maxBytes` of what is pushed. */
export interface LogTail {
  push(chunk: Uint8Array): void;
  readonly text: () => string;
}

export function createLogTail(maxBytes: number): LogTail {
  let tail = Buffer.alloc(0);
  return {
    push(chunk) {
      tail = Buffer.concat([tail, chunk]).subarray(-maxBytes);
    },
    text: () => tail.toString("utf8").toWellFormed(),
  };
}
