import { describe, expect, it } from "vitest";
import { framesOf } from "./frames.ts";

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

/** What arrives of a stream that is cut into pieces of `size` bytes. */
async function read(bytes: Buffer, size: number): Promise<Record<string, string>> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  const texts: Record<string, string> = { stdout: "", stderr: "" };
  const chunks = async function* () {
    yield* pieces;
  };
  for await (const { stream, bytes: part } of framesOf(chunks())) texts[stream] += Buffer.from(part).toString();
  return texts;
}

describe("framesOf", () => {
  const all = Buffer.concat([frame(1, "one "), frame(2, "a warning"), frame(1, ""), frame(1, "two")]);

  it.each([1, 3, 8, 13, 1000])("takes streams apart that come in pieces of %i bytes", async (size) => {
    expect(await read(all, size)).toEqual({ stdout: "one two", stderr: "a warning" });
  });

  it("passes a frame on before it is whole", async () => {
    expect(await read(all.subarray(0, 10), 100)).toEqual({ stdout: "on", stderr: "" });
  });

  it("refuses what is no such stream", async () => {
    await expect(read(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), 100)).rejects.toThrow("unknown stream 72");
  });
});
