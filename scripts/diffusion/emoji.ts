import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { decodePng, fitImage, type RgbImage } from "../../evaluators/embedded/diffusion/index.ts";

const folder = dirname(createRequire(import.meta.url).resolve("emoji-datasource-twitter/package.json"));

const variation = z.object({ image: z.string(), has_img_twitter: z.boolean() });
const emojiFile = z.array(
  variation.extend({
    name: z.string(),
    category: z.string(),
    subcategory: z.string(),
    skin_variations: z.record(z.string(), variation).optional(),
  }),
);

/** Unicode's names of the five modifiers, lightest first. */
const TONES = {
  "1F3FB": "light skin tone",
  "1F3FC": "medium-light skin tone",
  "1F3FD": "medium skin tone",
  "1F3FE": "medium-dark skin tone",
  "1F3FF": "dark skin tone",
} as const;

export interface Emoji {
  readonly caption: string;
  readonly category: string;
  readonly subcategory: string;
  /** Of the file in the package. */
  readonly file: string;
}

/** All emoji of the package with a picture, in its order; each skin tone of a gesture or person is one of its own. */
export function readEmoji(): readonly Emoji[] {
  const list = emojiFile.parse(JSON.parse(readFileSync(join(folder, "emoji.json"), "utf8")));
  return list.flatMap(({ name, category, subcategory, skin_variations: variations = {}, ...plain }) => {
    const caption = name.toLowerCase();
    const tones = Object.entries(TONES).flatMap(([code, tone]) => {
      const found = variations[code];
      return found === undefined ? [] : [{ ...found, caption: `${caption}, ${tone}` }];
    });
    return [{ ...plain, caption }, ...tones]
      .filter(({ has_img_twitter: drawn }) => drawn)
      .map((emoji) => ({ caption: emoji.caption, category, subcategory, file: emoji.image }));
  });
}

/** Side of the demo's pictures in pixels; the package's have 64. */
export const IMAGE_SIZE = 32;

/** An emoji's picture over white, scaled down. */
export function readImage({ file }: Emoji): RgbImage {
  const image = decodePng(readFileSync(join(folder, "img", "twitter", "64", file)));
  return fitImage(image, { longerSide: IMAGE_SIZE, multiple: IMAGE_SIZE });
}

/** What the base is pretrained on; no picture of a demo dataset is among them. */
const PRETRAINING = new Set([
  "Animals & Nature",
  "Food & Drink",
  "Activities",
  "Travel & Places",
  "Objects",
  "Flags",
  "Symbols",
]);

const GESTURES = new Set([
  "hand-fingers-open",
  "hand-fingers-partial",
  "hand-single-finger",
  "hand-fingers-closed",
  "hands",
  "hand-prop",
  "body-parts",
]);

export type EmojiSet = "pretraining" | "smileys" | "gestures";

const MEMBERS: Readonly<Record<EmojiSet, (emoji: Emoji) => boolean>> = {
  pretraining: ({ category }) => PRETRAINING.has(category),
  smileys: ({ category }) => category === "Smileys & Emotion",
  gestures: ({ subcategory }) => GESTURES.has(subcategory),
};

/** The emoji of one set; no two sets share one. */
export function emojiOf(set: EmojiSet, all: readonly Emoji[]): readonly Emoji[] {
  return all.filter(MEMBERS[set]);
}
