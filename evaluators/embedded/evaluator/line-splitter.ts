const NEWLINE = 10;

/** Turns chunks of bytes into complete lines; throws a RangeError as soon as one line exceeds `maximumBytes`. */
export function createLineSplitter(maximumBytes: number): (chunk: Uint8Array) => readonly string[] {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  const add = (part: Uint8Array): void => {
    pending.push(part);
    pendingBytes += part.byteLength;
    if (pendingBytes > maximumBytes) throw new RangeError(`A line has more than ${maximumBytes} bytes.`);
  };

  return (chunk) => {
    const lines: string[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      add(rest.subarray(0, end));
      lines.push(Buffer.concat(pending).toString("utf8"));
      pending = [];
      pendingBytes = 0;
      rest = rest.subarray(end + 1);
    }
    add(rest);
    return lines.filter((line) => line.trim() !== "");
  };
}
