import type { Pixels } from "../pixels.ts";
import { COLOURS, type Scene, type Style } from "./scene.ts";
import { DISTANCES } from "./shapes.ts";

/** Sides of a pixelated picture's fields as a part of the shorter side. */
const FIELD = 1 / 16;
const LINE = 0.13;
const STRIPES = 7;
/** How much lighter the top and darker the bottom of something shaded is. */
const SHADE = 0.35;

/** How much of the shape's colour a point has: from the distance to the shape and the place, both in half heights. */
const COVERS: Readonly<Record<Style, (distance: number, x: number, y: number) => number>> = {
  flat: (distance) => distance,
  shaded: (distance) => distance,
  pixelated: (distance) => distance,
  outlined: (distance) => Math.abs(distance + LINE) - LINE,
  striped: (distance, x, y) => Math.max(distance, Math.sin((x + y) * STRIPES) / STRIPES),
};

/** The picture of a scene, both sides in pixels. */
export function paint(
  { style, shape, colour, background, centre, radius }: Scene,
  width: number,
  height: number,
): Pixels {
  const side = Math.min(width, height);
  const scale = radius * side;
  const data = new Uint8Array(width * height * 3);
  const distanceTo = DISTANCES[shape];
  const covers = COVERS[style];
  const field = style === "pixelated" ? Math.max(1, Math.round(side * FIELD)) : 1;
  const middle = (at: number): number => (Math.floor(at / field) + 0.5) * field;
  for (let y = 0; y < height; y++) {
    const light = style === "shaded" ? SHADE * (0.5 - y / height) : 0;
    for (let x = 0; x < width; x++) {
      const [px, py] = [(middle(x) - centre[0] * width) / scale, (middle(y) - centre[1] * height) / scale];
      const distance = covers(distanceTo(px, py), px, py) * scale;
      // One pixel of transition: edges are smooth; a field is one colour.
      const share = style === "pixelated" ? Number(distance < 0) : Math.min(1, Math.max(0, 0.5 - distance));
      for (let channel = 0; channel < 3; channel++) {
        const value = share * (COLOURS[colour][channel] ?? 0) + (1 - share) * (COLOURS[background][channel] ?? 0);
        data[(y * width + x) * 3 + channel] = Math.round(255 * Math.min(1, Math.max(0, value + light)));
      }
    }
  }
  return { width, height, channels: 3, data };
}
