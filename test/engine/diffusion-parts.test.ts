import { crc32 } from "node:zlib";
import { encode } from "fast-png";
import { describe, expect, it } from "vitest";
import {
  decodePng,
  encodeCaption,
  fitImage,
  fromPatches,
  noiseAt,
  parseDitConfig,
  precondition,
  type RgbImage,
  toPatches,
} from "../../evaluators/embedded/diffusion/index.ts";
import { philox } from "../../evaluators/embedded/diffusion/philox.ts";

describe("the noise", () => {
  it("comes from Philox4x32-10 as published", () => {
    const ones = 0xffffffff;
    // The known answers of Random123 1.14 (kat_vectors).
    expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    expect(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it("is standard normal", () => {
    const noise = noiseAt({ seed: "aa", draw: 0, row: 0 }, 20_001);
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  it("is the same at the same place and differs by seed, draw and row", () => {
    const place = { seed: "aa", draw: 0, row: 0 };
    const first = noiseAt(place, 8);
    expect(noiseAt(place, 4)).toEqual(first.subarray(0, 4));
    for (const other of [{ seed: "ab" }, { draw: 1 }, { row: 1 }])
      expect(noiseAt({ ...place, ...other }, 8)).not.toEqual(first);
  });
});

/** An image of one colour with a white column at the left. */
function image(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3).fill(60);
  for (let y = 0; y < height; y++) data.fill(255, y * width * 3, y * width * 3 + 3);
  return { width, height, data };
}

describe("fitting an image", () => {
  it.each([
    [{ width: 64, height: 64 }, { longerSide: 32, multiple: 4 }, [32, 32]],
    [{ width: 64, height: 40 }, { longerSide: 32, multiple: 8 }, [32, 16]],
    [{ width: 20, height: 30 }, { longerSide: 32, multiple: 4 }, [20, 32]],
    [{ width: 1000, height: 515 }, { longerSide: 1024, multiple: 8 }, [1024, 520]],
  ])("of %j to %j gives %j", (size, rule, [width, height]) => {
    const { width: w, height: h } = fitImage(image(size.width, size.height), rule);
    expect([w, h]).toEqual([width, height]);
  });

  it("leaves an image that fits as it is", () => {
    const exact = image(32, 16);
    expect(fitImage(exact, { longerSide: 32, multiple: 8 })).toEqual(exact);
  });

  it("keeps the middle: what is cut off is missing on both sides", () => {
    const wide = fitImage(image(34, 34), { longerSide: 34, multiple: 8 });
    expect([wide.width, wide.height, Math.max(...wide.data)]).toEqual([32, 32, 60]);
  });

  it("keeps a flat colour flat, whatever the scale", () => {
    const flat = { width: 50, height: 31, data: new Uint8Array(50 * 31 * 3).fill(133) };
    for (const longerSide of [16, 32, 64, 96])
      expect(new Set(fitImage(flat, { longerSide, multiple: 4 }).data)).toEqual(new Set([133]));
  });

  it("refuses an image that would have no side left", () => {
    expect(() => fitImage(image(200, 10), { longerSide: 32, multiple: 4 })).toThrow("its shorter side is below 4");
  });
});

describe("reading a PNG", () => {
  const read = (data: Uint8Array | Uint16Array, channels: number, depth: 8 | 16 = 8) => [
    ...decodePng(encode({ width: 2, height: 1, data, channels, depth })).data,
  ];

  it("puts transparent pixels over white", () => {
    expect(read(Uint8Array.of(10, 20, 30, 255, 10, 20, 30, 0), 4)).toEqual([10, 20, 30, 255, 255, 255]);
    expect(read(Uint8Array.of(100, 51, 100, 0), 2)).toEqual([224, 224, 224, 255, 255, 255]);
  });

  it("spreads grey over three channels and rounds 16 bits to 8", () => {
    expect(read(Uint8Array.of(7, 9), 1)).toEqual([7, 7, 7, 9, 9, 9]);
    expect(read(Uint16Array.of(0, 257 * 5, 65_535, 1, 257 * 200, 300), 3, 16)).toEqual([0, 5, 255, 0, 200, 1]);
  });

  it("does not look full colours up in a palette that is there for screens of few", () => {
    const png = Buffer.from(encode({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6), channels: 3 }));
    const palette = Buffer.from("PLTE\x07\x08\x09", "latin1");
    const [length, checksum] = [Buffer.of(0, 0, 0, 3), Buffer.alloc(4)];
    checksum.writeUInt32BE(crc32(palette));
    const withPalette = Buffer.concat([png.subarray(0, 33), length, palette, checksum, png.subarray(33)]);
    expect([...decodePng(withPalette).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("refuses what is no PNG, or claims to be huge", () => {
    expect(() => decodePng(new Uint8Array(100))).toThrow("not a PNG");
    const huge = Buffer.from(encode({ width: 2, height: 1, data: new Uint8Array(6), channels: 3 }));
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    expect(() => decodePng(huge)).toThrow("100000 x 100000 pixels");
  });
});

it("patches of a picture that is not square can be put together again", () => {
  const picture = { height: 8, width: 12, values: Float32Array.from({ length: 8 * 12 * 3 }, (_, i) => i) };
  const patches = toPatches(picture, 4);
  expect(fromPatches(patches, picture, 4)).toEqual(picture);
  expect([...patches.subarray(0, 3), ...patches.subarray(12, 15), ...patches.subarray(48, 51)]).toEqual([
    0, 1, 2, 36, 37, 38, 12, 13, 14,
  ]);
});

it("preconditioning gives input and target unit deviation at every noise level", () => {
  for (const time of [0.02, 0.3, 0.9, 1]) {
    const { input, skip, out } = precondition(time, 0.6);
    const noisyVariance = (0.6 * (1 - time)) ** 2 + time ** 2;
    expect(input ** 2 * noisyVariance).toBeCloseTo(1, 12);
    const [ofClean, ofNoise] = [(1 - skip * (1 - time)) / out, (skip * time) / out];
    expect((ofClean * 0.6) ** 2 + ofNoise ** 2).toBeCloseTo(1, 12);
  }
});

it("captions are cut at their end and padded, and the empty prompt is padding alone", () => {
  const tokenizer = {
    encode: (text: string) => Array.from(text, (letter) => letter.charCodeAt(0)),
    decode: () => "",
    addsBos: false,
  };
  const rules = { text_length: 3, pad_token_id: 9 };
  expect(encodeCaption("abcd", tokenizer, rules)).toEqual([97, 98, 99]);
  expect(encodeCaption("a", tokenizer, rules)).toEqual([97, 9, 9]);
  expect(encodeCaption("", tokenizer, rules)).toEqual([9, 9, 9]);
});

it.each([
  [{ model_type: "llama" }, "model_type"],
  [{ patch_size: 5 }, "multiple of patch_size"],
  [{ num_attention_heads: 7 }, "multiple of num_attention_heads"],
  [{ pad_token_id: 1024 }, "outside the vocabulary"],
])("a config with %j is refused", (change, message) => {
  const config = {
    architectures: ["GradientsTinyDit"],
    model_type: "gradients-tiny-dit",
    image_size: 32,
    patch_size: 4,
    hidden_size: 96,
    intermediate_size: 256,
    num_hidden_layers: 4,
    num_attention_heads: 3,
    vocab_size: 1024,
    text_length: 16,
    pad_token_id: 0,
    time_features: 64,
    data_deviation: 0.6,
    rms_norm_eps: 1e-5,
  };
  expect(parseDitConfig(config)).toEqual(config);
  expect(() => parseDitConfig({ ...config, ...change })).toThrow(message);
});
