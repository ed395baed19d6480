import { decode, encode } from "fast-png";
import { expect, it } from "vitest";
import { image } from "./index.ts";

const flat = (value: number, width = 8, height = 8) =>
  Buffer.from(encode({ width, height, data: new Uint8Array(width * height * 3).fill(value), channels: 3 })).toString(
    "base64",
  );

const outputWith = (samples: readonly object[]) =>
  image.evalOutput.parse({
    sets: {
      test: {
        rows: [{ text: 0.1, noText: 0.1 }],
        text: 0.1,
        noText: 0.1,
        strengths: [{ strength: 0.9, text: 0.1, noText: 0.1 }],
        samples,
      },
    },
    durationMs: 1,
  });

it("shows original, noisy input and both reconstructions of each sample side by side", () => {
  const sample = { row: 0, original: flat(10), noisy: flat(20), text: flat(30), noText: flat(40) };
  const attachments = image.attachments?.(
    outputWith([sample, { ...sample, row: 1, original: flat(50, 8, 12) }]),
    image.spec.parse({}),
  );
  expect(attachments).toMatchObject([{ name: "contact-sheet.png", mediaType: "image/png" }]);
  const sheet = decode(Buffer.from(attachments?.[0]?.base64 ?? "", "base64"));
  const at = (x: number, y: number) => sheet.data[(y * sheet.width + x) * 3];
  const cell = 16;
  expect([sheet.width, sheet.height]).toEqual([4 * cell + 4, 2 * cell + 4]);
  expect([0, 1, 2, 3].map((column) => at(4 + column * cell, 4))).toEqual([10, 20, 30, 40]);
  expect(at(4, 4 + cell + 11)).toBe(50);
  expect(at(0, 0)).toBe(238);
});

it("shows samples of other depths, and palettes, in the colours that they stand for", () => {
  const deep = encode({ width: 8, height: 8, data: new Uint16Array(64).fill(257 * 30), channels: 1, depth: 16 });
  const indexed = encode({ width: 8, height: 8, data: new Uint8Array(64), channels: 1, palette: [[20, 0, 0]] });
  const [noisy, text] = [indexed, deep].map((png) => Buffer.from(png).toString("base64"));
  const sample = { row: 0, original: flat(10), noisy, text, noText: flat(40) };
  const [sheet] = image.attachments?.(outputWith([sample]), image.spec.parse({})) ?? [];
  const { data, width } = decode(Buffer.from(sheet?.base64 ?? "", "base64"));
  expect([0, 1, 2, 3].map((column) => data[(4 * width + 4 + column * 12) * 3])).toEqual([10, 20, 30, 40]);
});

it("shows nothing where the evaluator sent no samples", () => {
  expect(image.attachments?.(outputWith([]), image.spec.parse({}))).toEqual([]);
});
