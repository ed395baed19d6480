import { definePlugin, defineTaskType } from "../../core/contract/index.ts";
import { contactSheet } from "./contact-sheet.ts";
import { imageOutput } from "./eval-output.ts";
import { baseProblem } from "./families.ts";
import { imageGenerator } from "./generator/index.ts";
import { imageLosses } from "./losses.ts";
import { imageObjective } from "./objective.ts";
import { IMAGE } from "./params.ts";
import { imageColumns, imageRow, renderImage } from "./rows.ts";
import { imageSpec } from "./spec.ts";

/** Image tuning: the loss is how badly noisy images are reconstructed, with their captions and without. */
export const image = defineTaskType({
  kind: "image",
  graphqlName: "ImageTask",
  title: "Image tuning",
  description: "Fine-tune a text-to-image model on images with captions.",
  specVersion: 1,
  spec: imageSpec,
  share: IMAGE.share,
  pool: IMAGE.pool,
  artifactKinds: ["LORA", "FULL"],
  tolerance: IMAGE.tolerance,
  metrics: [
    { name: "textLoss", direction: "lower", unit: "pixel²", description: "L_text: squared error with the caption." },
    {
      name: "noTextLoss",
      direction: "lower",
      unit: "pixel²",
      description: "L_no-text: squared error with the empty prompt.",
    },
  ],
  synthesis: null,
  generator: imageGenerator,
  baseProblem,
  timeBudgetHours: () => [IMAGE.hours.min, IMAGE.hours.max],
  columns: imageColumns,
  rowSchema: () => imageRow,
  render: renderImage,
  objective: imageObjective,
  evalOutput: imageOutput,
  losses: imageLosses,
  attachments: ({ sets: { test } }) => [contactSheet(test.samples) ?? []].flat(),
  weightedLoss: ({ testLoss }) => testLoss,
});

export default definePlugin({ name: "image", version: "1.0.0", provides: [image] });
