import { readFileSync } from "node:fs";
import { encode } from "fast-png";
import { testTaskType } from "../../core/contract/testing/test-task-type.ts";
import { image } from "./index.ts";

const png = (width: number, height: number) =>
  Buffer.from(encode({ width, height, data: new Uint8Array(width * height * 3).fill(200), channels: 3 })).toString(
    "base64",
  );
const picture = png(8, 12);
const shot = (name: string) =>
  readFileSync(new URL(`../../../test/plugins/pictures/${name}`, import.meta.url)).toString("base64");
const [jpeg, webp] = [shot("turned-6.jpg"), shot("alpha.webp")];
const row = { image: picture, caption: "grinning face" };
const sample = { row: 0, original: picture, noisy: picture, text: picture, noText: picture };
const test = {
  rows: [
    { text: 0.02, noText: 0.06 },
    { text: 0.04, noText: 0.02 },
  ],
  text: 0.03,
  noText: 0.04,
  strengths: [{ strength: 0.9, text: 0.03, noText: 0.04 }],
  samples: [sample],
};
const benchmark = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((strength) => ({
  strength,
  text: 0.5,
  noText: 0.5,
}));

testTaskType(image, {
  valid: [
    {
      name: "a task that says nothing but its kind",
      spec: {},
      facts: { rows: 306, baseConfig: { model_type: "gradients-tiny-dit" } },
      hours: [1, 2],
      rows: [
        { row, rendered: { image: picture, caption: "grinning face" } },
        { row: { ...row, image: `data:image/png;base64,${picture}` }, rendered: row },
        { row: { ...row, image: `data:image/jpeg;base64,${jpeg}` } },
        { row: { ...row, image: webp } },
      ],
      output: { sets: { test }, durationMs: 12 },
      losses: {
        testLoss: 0.25 * 0.03 + 0.75 * 0.04,
        synthLoss: null,
        components: { text: 0.03, noText: 0.04 },
        rowLosses: { test: [0.25 * 0.02 + 0.75 * 0.06, 0.25 * 0.04 + 0.75 * 0.02], synth: null },
        metrics: { textLoss: 0.03, noTextLoss: 0.04 },
      },
      weightedLoss: 0.0375,
    },
    {
      name: "a noise level, draws, steps and columns of its own",
      spec: { strength: 0.5, seeds: 2, steps: 4, columns: { image: "png", caption: "text" } },
      facts: { baseConfig: { _class_name: "FluxPipeline" } },
      rows: [{ row }],
    },
    {
      name: "the paper's benchmark",
      spec: { profile: "paper-benchmark" },
      output: {
        sets: {
          test: { rows: [{ text: 0.5, noText: 0.5 }], text: 0.5, noText: 0.5, strengths: benchmark, samples: [] },
        },
        durationMs: 0,
      },
      losses: { testLoss: 0.5, components: { text: 0.5, noText: 0.5 } },
      weightedLoss: 0.5,
    },
  ],
  invalid: [
    { name: "an empty column name", spec: { columns: { image: "" } }, at: "columns.image" },
    { name: "one column in two roles", spec: { columns: { caption: "image" } }, at: "columns.caption" },
    { name: "an unknown column role", spec: { columns: { mask: "m" } }, at: "columns" },
    { name: "a noise level of zero", spec: { strength: 0 }, at: "strength" },
    { name: "no draws of noise", spec: { seeds: 0 }, at: "seeds" },
    { name: "half a step", spec: { steps: 0.5 }, at: "steps" },
    { name: "an unknown profile", spec: { profile: "fast" }, at: "profile" },
    {
      name: "a noise level in the paper's benchmark",
      spec: { profile: "paper-benchmark", strength: 0.5 },
      at: "strength",
    },
    { name: "other draws in the paper's benchmark", spec: { profile: "paper-benchmark", seeds: 3 }, at: "seeds" },
    { name: "a row without a caption", spec: {}, row: { image: picture }, at: "caption" },
    { name: "a row with an empty caption", spec: {}, row: { ...row, caption: " " }, at: "caption" },
    { name: "a row with a broken character", spec: {}, row: { ...row, caption: "\ud800" }, at: "caption" },
    { name: "an image that is no base64", spec: {}, row: { ...row, image: "§" }, at: "image" },
    { name: "an image that is too small", spec: {}, row: { ...row, image: png(7, 8) }, at: "image" },
    { name: "a damaged JPEG", spec: {}, row: { ...row, image: jpeg.slice(0, -100) }, at: "image" },
    { name: "a JPEG in printing colours", spec: {}, row: { ...row, image: shot("cmyk.jpg") }, at: "image" },
    { name: "a WebP that moves", spec: {}, row: { ...row, image: shot("animated.webp") }, at: "image" },
    { name: "a picture of another format", spec: {}, row: { ...row, image: btoa("GIF89a") }, at: "image" },
    { name: "a role that has no column", spec: {}, row: { ...row, mask: picture }, at: "" },
    {
      name: "a loss that the rows don't amount to",
      spec: {},
      output: { sets: { test: { ...test, text: 0.02 } }, durationMs: 1 },
      at: "sets.test.text",
    },
    {
      name: "an error that no pixels can have",
      spec: {},
      output: { sets: { test: { ...test, rows: [{ text: 1.5, noText: 0 }] } }, durationMs: 1 },
      at: "sets.test.rows.0.text",
    },
    {
      name: "a sample that is no picture",
      spec: {},
      output: { sets: { test: { ...test, samples: [{ ...sample, noisy: "AAAA" }] } }, durationMs: 1 },
      at: "sets.test.samples.0.noisy",
    },
    {
      name: "an output without rows",
      spec: {},
      output: { sets: { test: { ...test, rows: [] } }, durationMs: 1 },
      at: "sets.test.rows",
    },
  ],
});
