import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  isZeroDelta,
  ModelError,
  readSafetensors,
  tensorDigests,
  type Weights,
  weightsDigest,
  writeSafetensors,
} from "../../evaluators/embedded/engine/index.ts";
import { temporaryFolder } from "./tiny-base.ts";

const folder = temporaryFolder();
const file = join(folder.path, "model.safetensors");
afterAll(() => folder[Symbol.dispose]());

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly number[];
}
const f32 = (shape: readonly number[], start: number, end: number): Entry => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
});

/** A file with this header text and this many bytes of data; `claimed` overrides the header's length. */
function writeFile(header: string | Uint8Array, dataBytes: number, claimed?: bigint): void {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(text.length));
  writeFileSync(file, Buffer.concat([length, text, Buffer.alloc(dataBytes)]));
}

const weights = (entries: Readonly<Record<string, readonly number[]>>): Weights =>
  new Map(
    Object.entries(entries).map(([name, data]) => [name, { shape: [data.length], data: Float32Array.from(data) }]),
  );

describe("reading a safetensors file", () => {
  it("gives back what was written", () => {
    const written = new Map([
      ["b", { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 4) }],
      ["a", { shape: [1], data: Float32Array.of(0.1) }],
      ["empty", { shape: [0, 3], data: new Float32Array() }],
    ]);
    writeSafetensors(file, written);
    expect(Object.fromEntries(readSafetensors(file))).toEqual(Object.fromEntries(written));
  });

  it("widens half floats exactly", () => {
    const entries = {
      f16: { dtype: "F16", shape: [5], data_offsets: [0, 10] },
      bf16: { dtype: "BF16", shape: [2], data_offsets: [10, 14] },
    };
    const header = Buffer.from(JSON.stringify(entries));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const bits = Buffer.from(Uint16Array.of(0x3c00, 0xc100, 0x0001, 0x7c00, 0x7bff, 0x3f80, 0xbfc0).buffer);
    writeFileSync(file, Buffer.concat([length, header, bits]));
    expect([...(readSafetensors(file).get("f16")?.data ?? [])]).toEqual([1, -2.5, 2 ** -24, Infinity, 65504]);
    expect([...(readSafetensors(file).get("bf16")?.data ?? [])]).toEqual([1, -1.5]);
  });

  const json = (entries: Readonly<Record<string, unknown>>): string => JSON.stringify(entries);
  it.each([
    ["that is empty", () => writeFileSync(file, "")],
    ["whose header claims more than the file", () => writeFile("{}", 0, 1000n)],
    ["whose header claims more than any header", () => writeFile("{}", 0, 2n ** 63n)],
    ["whose header is not JSON", () => writeFile("{", 0)],
    ["whose header is not UTF-8", () => writeFile(Uint8Array.of(0x22, 0xff, 0x22), 0)],
    ["whose header is a list", () => writeFile("[]", 0)],
    ["with text metadata that is not text", () => writeFile(json({ __metadata__: { a: 1 } }), 0)],
    ["with an unknown dtype", () => writeFile(json({ a: { ...f32([1], 0, 4), dtype: "F12" } }), 4)],
    ["with integers for weights", () => writeFile(json({ a: { ...f32([1], 0, 4), dtype: "I32" } }), 4)],
    ["with an unknown field", () => writeFile(json({ a: { ...f32([1], 0, 4), extra: 1 } }), 4)],
    ["with a negative side", () => writeFile(json({ a: f32([-1], 0, 4) }), 4)],
    ["with a fractional offset", () => writeFile(json({ a: f32([1], 0, 4.5) }), 4)],
    ["whose shape does not fit its bytes", () => writeFile(json({ a: f32([2], 0, 4) }), 4)],
    ["whose shape overflows", () => writeFile(json({ a: f32([2 ** 40, 2 ** 40], 0, 4) }), 4)],
    ["whose tensor ends before it starts", () => writeFile(json({ a: f32([1], 4, 0) }), 4)],
    ["whose tensors overlap", () => writeFile(json({ a: f32([2], 0, 8), b: f32([1], 4, 8) }), 8)],
    ["whose tensors leave a gap", () => writeFile(json({ a: f32([1], 0, 4), b: f32([1], 8, 12) }), 12)],
    ["that is truncated", () => writeFile(json({ a: f32([2], 0, 8) }), 4)],
    ["with bytes after the last tensor", () => writeFile(json({ a: f32([1], 0, 4) }), 8)],
    [
      "that names a tensor twice",
      () => writeFile(`{"a":${json({ ...f32([1], 0, 4) })},"\\u0061":${json({ ...f32([1], 0, 4) })}}`, 4),
    ],
    [
      "that gives a dtype twice",
      () => writeFile('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    ],
  ])("refuses one %s", (_, write) => {
    write();
    expect(() => readSafetensors(file)).toThrow(ModelError);
  });

  it("refuses one above the caller's limit before reading it", () => {
    writeSafetensors(file, weights({ a: [1, 2, 3] }));
    expect(() => readSafetensors(file, 50)).toThrow(/at most 50/);
  });

  it("does not take a key of another object or a text for a duplicate", () => {
    writeFile(
      '{"__metadata__":{"a":"{\\"a\\":1,\\"a\\":2}","dtype":"x"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
    );
    expect([...readSafetensors(file).keys()]).toEqual(["a"]);
  });
});

describe("digests", () => {
  it("do not depend on the order of tensors, on metadata or on padding", () => {
    const some = weights({ a: [1, 2], b: [3] });
    writeSafetensors(file, some, { format: "something else" });
    const first = readFileSync(file);
    expect(weightsDigest(new Map([...some].reverse()))).toBe(weightsDigest(some));
    expect(weightsDigest(readSafetensors(file))).toBe(weightsDigest(some));
    writeSafetensors(file, some);
    expect(readFileSync(file).equals(first)).toBe(false);
  });

  it("change with the name, the shape and every bit of the data", () => {
    const digestOf = (name: string, shape: readonly number[], data: readonly number[]) =>
      tensorDigests(new Map([[name, { shape, data: Float32Array.from(data) }]])).get(name);
    const digests = [
      digestOf("a", [2], [1, 2]),
      digestOf("b", [2], [1, 2]),
      digestOf("a", [1, 2], [1, 2]),
      digestOf("a", [2], [1, 2.0000002]),
      digestOf("a", [2], [0, 2]),
      digestOf("a", [2], [-0, 2]),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe("a zero delta", () => {
  const adapter = (a: number, b: number) =>
    weights({ "x.lora_A.weight": [0, a], "x.lora_B.weight": [b, 0], "y.lora_A.weight": [1], "y.lora_B.weight": [0] });

  it("is an adapter whose every module has a zero A or a zero B", () => {
    expect(isZeroDelta(adapter(1, 0))).toBe(true);
    expect(isZeroDelta(adapter(0, 1))).toBe(true);
    expect(isZeroDelta(adapter(1, 1))).toBe(false);
  });
});
