/** Splits bytes into lines; a line that grows beyond the limit ends the reading instead of filling the memory. */
export interface LineReader {
  push(chunk: Uint8Array): void;
}

/**
 * @param onLine gets each line without its newline, empty ones left out.
 * @param onTooLong is told once when a line exceeds `maxBytes`; nothing is read after that.
 */
export function createLineReader(maxBytes: number, onLine: (line: string) => void, onTooLong: () => void): LineReader {
  let parts: Uint8Array[] = [];
  let held = 0;
  let stopped = false;
  return {
    push(chunk) {
      let from = 0;
      while (!stopped && from < chunk.length) {
        const newline = chunk.indexOf(10, from);
        const piece = chunk.subarray(from, newline === -1 ? chunk.length : newline);
        held += piece.length;
        if (held > maxBytes) {
          stopped = true;
          onTooLong();
          return;
        }
        parts.push(piece);
        if (newline === -1) return;
        const line = Buffer.concat(parts).toString("utf8");
        parts = [];
        held = 0;
        from = newline + 1;
        if (line.trim() !== "") onLine(line);
      }
    },
  };
}
