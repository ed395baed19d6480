import { decode } from "fast-png";
import { expect, it } from "vitest";
import { createRng } from "../../../core/domain/index.ts";
import { imageGenerator } from "./index.ts";
import { paint } from "./paint.ts";
import { captionOf, COLOURS, SHAPES, STYLES, type Scene } from "./scene.ts";

const rng = (seed: number) => createRng(new Uint8Array(16).fill(seed));
const rowsOf = (count: number, given: unknown = {}, seed = 1) => {
  const [options, random] = [imageGenerator.options.parse(given), rng(seed)];
  return Array.from({ length: count }, () => imageGenerator.generate(options, random));
};
const sides = ({ image }: Readonly<Record<string, string>>) => {
  const { width, height } = decode(Buffer.from(image ?? "", "base64"));
  return [width, height];
};

it("the same random numbers give the same pictures, others give others", () => {
  expect(rowsOf(5)).toEqual(rowsOf(5));
  expect(rowsOf(5)).not.toEqual(rowsOf(5, {}, 2));
});

it("a task's worth of pictures has hardly two of one caption", () => {
  const rows = rowsOf(200);
  expect(new Set(rows.map(({ caption }) => caption)).size).toBeGreaterThan(190);
  expect(new Set(rows.map(({ image }) => image)).size).toBe(200);
});

it("style and resolution are the operator's to choose, both sides divisible by 64", () => {
  expect(sides(rowsOf(1)[0] ?? {})).toEqual([64, 64]);
  const rows = rowsOf(10, { styles: ["striped"], width: 128, height: 192 });
  for (const row of rows) {
    expect(sides(row)).toEqual([128, 192]);
    expect(row["caption"]).toMatch(/^a striped picture of a (small|large) /);
  }
  for (const wrong of [{ width: 100 }, { height: 0 }, { width: 2048 }, { styles: [] }, { styles: ["oil"] }])
    expect(imageGenerator.options.safeParse(wrong).success).toBe(false);
});

const scene = {
  style: "flat",
  shape: "circle",
  size: "large",
  place: "in the middle",
  colour: "red",
  background: "white",
  centre: [0.5, 0.5],
  radius: 0.28,
} as const satisfies Scene;

it.each(STYLES.flatMap((style) => SHAPES.map((shape) => [style, shape] as const)))(
  "a %s %s has its two colours",
  (style, shape) => {
    const { data, width } = paint({ ...scene, style, shape }, 64, 64);
    const near = ([red, green, blue]: readonly number[], at: number) =>
      [red, green, blue].every((value, channel) => Math.abs(255 * (value ?? 0) - (data[at + channel] ?? 0)) < 60);
    const pixels = Array.from({ length: width * 64 }, (_, pixel) => pixel * 3);
    const share = pixels.filter((at) => near(COLOURS.red, at)).length / pixels.length;
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.35);
    expect(near(COLOURS.white, 0)).toBe(true);
  },
);

it("captions say all that is drawn", () => {
  expect(captionOf(scene)).toBe("a flat picture of a large red circle in the middle, on white");
});
