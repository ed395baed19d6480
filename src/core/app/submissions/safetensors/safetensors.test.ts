import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { rawSafetensors, safetensorsFile } from "../../../../../test/helpers/safetensors-file.ts";
import { readTensors } from "./index.ts";

/** Cut into pieces of `size` bytes, as a disk or a socket would. */
function readFile(file: Buffer, size = 7) {
  const pieces = Array.from({ length: Math.ceil(file.length / size) }, (_, index) =>
    file.subarray(index * size, (index + 1) * size),
  );
  return readTensors(Readable.from(pieces), file.length);
}

const place = (shape: number[], data_offsets: number[], dtype = "F32") =>
  JSON.stringify({ dtype, shape, data_offsets });

describe("readTensors", () => {
  it("gives each tensor a digest over name, dtype, shape and bytes", async () => {
    const result = await readFile(safetensorsFile([{ name: "w", shape: [2, 1], values: [1, 2] }]));
    const bytes = Buffer.from(Float32Array.from([1, 2]).buffer);
    const sha256 = createHash("sha256").update('["w","F32",[2,1]]').update(bytes).digest("hex");
    const facts = { name: "w", dtype: "F32", shape: [2, 1], sha256, zero: false, finite: true };
    expect(result).toEqual({ ok: true, value: [facts] });
  });

  it("gives the same digests to the same tensors in another order and other pieces", async () => {
    const a = { name: "a", shape: [3], values: [1, 2, 3] };
    const b = { name: "b", shape: [5], values: [4, 5] };
    const digests = async (file: Buffer, size: number) => {
      const result = await readFile(file, size);
      return result.ok ? new Map(result.value.map(({ name, sha256 }) => [name, sha256])) : result.error;
    };
    expect(await digests(safetensorsFile([a, b]), 1)).toEqual(await digests(safetensorsFile([b, a]), 1000));
  });

  it.each([
    [[0, 0, 0], true],
    [[0, -0, 0], true],
    [[0, 0, 1e-40], false],
  ])("calls %j zero: %j", async (values, zero) => {
    const result = await readFile(safetensorsFile([{ name: "w", shape: [3], values }]));
    expect(result).toMatchObject({ value: [{ zero }] });
  });

  it.each([
    [[1, 2, 3], true],
    [[1, NaN, 3], false],
    [[1, 2, -Infinity], false],
    [[3.4e38, -3.4e38, 1e-45], true],
  ])("calls %j finite: %j, wherever pieces end", async (values, finite) => {
    for (const size of [1, 2, 3, 5, 1000]) {
      const result = await readFile(safetensorsFile([{ name: "w", shape: [3], values }]), size);
      expect(result).toMatchObject({ value: [{ finite }] });
    }
  });

  it.each([
    ["F16", [0x00, 0x7c], false],
    ["F16", [0xff, 0x7b], true],
    ["BF16", [0x80, 0x7f], false],
    ["BF16", [0x7f, 0x7f], true],
    ["BF16", [0xc0, 0xff], false],
    ["F8_E4M3", [0x7e, 0xff], false],
    ["F8_E4M3", [0x7e, 0xfe], true],
    ["F8_E5M2", [0x7b, 0x7c], false],
  ])("reads the exponent of %s %j: finite is %j", async (dtype, bytes, finite) => {
    const shape = [dtype.startsWith("F8") ? 2 : 1];
    const file = rawSafetensors(`{"w":${place(shape, [0, 2], dtype)}}`, Buffer.from(bytes));
    expect(await readFile(file)).toMatchObject({ value: [{ finite }] });
  });

  const eight = Buffer.alloc(8);
  it.each([
    ["a file that is something else", Buffer.from("PK\u0003\u0004 not a safetensors file at all"), /header of at most/],
    ["a file of a few bytes", Buffer.from("abc"), /at least 8 bytes/],
    ["an empty file", Buffer.alloc(0), /at least 8 bytes/],
    ["a header longer than the file", rawSafetensors("{}", eight, 1000n), /header of at most/],
    ["a header of 2^63 bytes", rawSafetensors("{}", eight, 1n << 63n), /header of at most/],
    ["a header that is not JSON", rawSafetensors('{"a":', eight), /not valid JSON/],
    ["a header that is not UTF-8", rawSafetensors("", Buffer.from([0x7b, 0xff, 0x7d]), 3n), /not valid UTF-8/],
    ["a header that is a list", rawSafetensors("[]", eight), /start with \{/],
    ["no tensors", rawSafetensors("{}", Buffer.alloc(0)), /1 to 20000 tensors/],
    [
      "a number with a point",
      rawSafetensors('{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', eight),
      /digits/,
    ],
    ["a number below zero", rawSafetensors('{"a":{"dtype":"F32","shape":[2],"data_offsets":[-0,8]}}', eight), /digits/],
    [
      "half a character",
      rawSafetensors(String.raw`{"__metadata__":{"a":"\ud800"},"a":${place([2], [0, 8])}}`, eight),
      /__metadata__/,
    ],
    ["a name twice", rawSafetensors(`{"a":${place([1], [0, 4])},"a":${place([1], [4, 8])}}`, eight), /"a" twice/],
    [
      "a name twice, once escaped",
      rawSafetensors(`{"a":${place([1], [0, 4])},"\\u0061" :${place([1], [4, 8])}}`, eight),
      /"a" twice/,
    ],
    ["a gap", rawSafetensors(`{"a":${place([1], [4, 8])}}`, eight), /begin at 0/],
    ["an overlap", rawSafetensors(`{"a":${place([1], [0, 4])},"b":${place([2], [0, 8])}}`, eight), /begin at 4/],
    ["bytes behind the last tensor", rawSafetensors(`{"a":${place([1], [0, 4])}}`, eight), /end at 8/],
    ["a truncated file", rawSafetensors(`{"a":${place([4], [0, 16])}}`, eight), /end at 8/],
    ["a shape that does not fit", rawSafetensors(`{"a":${place([3], [0, 8])}}`, eight), /12 bytes for F32 \[3\]/],
    ["an overflowing shape", rawSafetensors(`{"a":${place([2 ** 52, 2 ** 52], [0, 8])}}`, eight), /"a"/],
    ["a negative side", rawSafetensors(`{"a":${place([-2], [0, 8])}}`, eight), /"a"/],
    ["an unknown dtype", rawSafetensors(`{"a":${place([1], [0, 8], "PICKLE")}}`, eight), /"a"/],
    [
      "metadata that is no text",
      rawSafetensors(`{"__metadata__":{"x":1},"a":${place([2], [0, 8])}}`, eight),
      /__metadata__/,
    ],
  ])("refuses %s", async (_, file, message) => {
    const result = await readFile(file);
    expect(result).toEqual({ ok: false, error: expect.stringMatching(message) });
  });

  it("refuses a stream that is shorter than the file was said to be", async () => {
    const file = safetensorsFile([{ name: "w", shape: [100], values: [1] }]);
    const result = await readTensors(Readable.from([file.subarray(0, -40)]), file.length);
    expect(result).toEqual({ ok: false, error: expect.stringMatching(/ends inside tensor "w"/) });
  });
});
