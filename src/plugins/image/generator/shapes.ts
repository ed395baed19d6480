import type { Shape } from "./scene.ts";

/** Distance to a shape of half height 1 around the origin: negative inside; y grows downwards. */
type Distance = (x: number, y: number) => number;

const circle: Distance = (x, y) => Math.hypot(x, y) - 1;
const box = (x: number, y: number, halfWidth: number, halfHeight: number): number =>
  Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);

/** Inside of all half planes whose borders touch the unit circle's part at these angles. */
const polygon =
  (corners: number, inner: number): Distance =>
  (x, y) => {
    const sector = Math.PI / corners;
    // Folded into one half of one sector, with its corner upwards.
    const angle = Math.abs((((Math.atan2(x, -y) % (2 * sector)) + 3 * sector) % (2 * sector)) - sector);
    const [px, py] = [Math.hypot(x, y) * Math.sin(angle), Math.hypot(x, y) * Math.cos(angle)];
    const [ax, ay] = [inner * Math.sin(sector), inner * Math.cos(sector)];
    // The edge from the corner (0, 1) to the dent (ax, ay).
    const [ex, ey] = [ax, ay - 1];
    return (px * -ey + (py - 1) * ex) / Math.hypot(ex, ey);
  };

const heart: Distance = (x, y) => {
  const up = -y + 0.1;
  const across = Math.abs(x);
  // Two round lobes over the point of a diamond.
  const lobe = Math.hypot(across - 0.48, up - 0.35) - 0.55;
  const point = (across + Math.abs(up - 0.1) * 0.95 - 1) / Math.SQRT2;
  return Math.min(lobe, up > 0.55 ? 1 : point);
};

export const DISTANCES: Readonly<Record<Shape, Distance>> = Object.freeze({
  circle,
  square: (x: number, y: number) => box(x, y, 0.85, 0.85),
  triangle: polygon(3, 0.5),
  diamond: polygon(4, Math.SQRT1_2),
  ring: (x: number, y: number) => Math.abs(Math.hypot(x, y) - 0.75) - 0.25,
  cross: (x: number, y: number) => Math.min(box(x, y, 1, 0.3), box(x, y, 0.3, 1)),
  star: polygon(5, 0.45),
  heart,
});
