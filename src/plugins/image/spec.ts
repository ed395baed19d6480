import { z } from "zod";
import { IMAGE } from "./params.ts";

const columnName = z.string().min(1).max(200);

const columns = z
  .strictObject({
    image: columnName.default("image").describe("Column of the image: base64 of a PNG, JPEG or WebP file."),
    caption: columnName.default("caption").describe("Column of the text that describes the image."),
  })
  .refine(({ image, caption }) => image !== caption, {
    path: ["caption"],
    message: "must be another column than image",
  });

/** What a customer may say about an image task. */
export const imageSpec = z
  .strictObject({
    columns: columns.prefault({}).describe("The data set's columns by their role."),
    profile: z
      .enum(["standard", "paper-benchmark"])
      .default("standard")
      .describe("standard: one noise level; paper-benchmark: noise levels 0.1 to 0.9 with ten draws each."),
    strength: z
      .number()
      .min(0.05)
      .max(1)
      .nullable()
      .default(null)
      .describe("Noise level that images are reconstructed from; null is the usual one of the base's family."),
    seeds: z.int().min(1).max(20).default(IMAGE.seeds).describe("Draws of noise for each image."),
    steps: z
      .int()
      .min(1)
      .max(100)
      .nullable()
      .default(null)
      .describe("Steps from pure noise to an image; null is the usual number of the base's family."),
  })
  .superRefine((spec, context) => {
    if (spec.profile === "standard") return;
    const { seeds } = spec;
    const message = "belongs to the profile standard: paper-benchmark has noise levels and draws of its own";
    if (spec.strength !== null) context.addIssue({ code: "custom", path: ["strength"], message });
    if (seeds !== IMAGE.seeds) context.addIssue({ code: "custom", path: ["seeds"], message });
  });

export type ImageSpec = z.output<typeof imageSpec>;
