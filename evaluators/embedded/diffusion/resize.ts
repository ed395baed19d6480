import { kernels } from "../engine/index.ts";

/** 8-bit red, green and blue of each pixel, row by row. */
export interface RgbImage {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

export interface FitRule {
  /** Wanted length of the longer side, in pixels. */
  readonly longerSide: number;
  /** Both sides are cut down to a multiple of this. */
  readonly multiple: number;
}

/**
 * The evaluation's crop: the longer side is scaled to `longerSide` (Lanczos, 3 lobes), both sides are floored to a
 * multiple, and the middle is kept. Images that fit already stay as they are.
 *
 * @throws {RangeError} where a side would be shorter than one multiple.
 */
export function fitImage(image: RgbImage, { longerSide, multiple }: FitRule): RgbImage {
  const scale = longerSide / Math.max(image.height, image.width);
  const height = Math.max(1, Math.round(image.height * scale));
  const width = Math.max(1, Math.round(image.width * scale));
  const [rows, columns] = [height, width].map((side) => Math.floor(side / multiple) * multiple);
  if (rows === undefined || columns === undefined || rows === 0 || columns === 0)
    throw new RangeError(
      `an image of ${image.width} x ${image.height} pixels is too narrow: scaled to ${width} x ${height}, ` +
        `its shorter side is below ${multiple}`,
    );
  return cropMiddle(resize(image, height, width), rows, columns);
}

function cropMiddle(image: RgbImage, height: number, width: number): RgbImage {
  if (image.height === height && image.width === width) return image;
  const top = Math.floor((image.height - height) / 2);
  const left = Math.floor((image.width - width) / 2);
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * 3;
    data.set(image.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { height, width, data };
}

function resize(image: RgbImage, height: number, width: number): RgbImage {
  if (image.height === height && image.width === width) return image;
  const middle = new Float64Array(image.height * width * 3);
  const [across, down] = [taps(image.width, width), taps(image.height, height)];
  for (let y = 0; y < image.height; y++) {
    for (const [x, { first, weights }] of across.entries())
      mix(middle, (y * width + x) * 3, 3, image.data, (y * image.width + first) * 3, 3, weights);
  }
  const row = width * 3;
  const sums = new Float64Array(height * row);
  for (const [y, { first, weights }] of down.entries()) mix(sums, y * row, row, middle, first * row, row, weights);
  const data = new Uint8Array(sums.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(255, Math.max(0, Math.round(sums[i] ?? 0)));
  return { height, width, data };
}

/** target[to + i] = Σ weights[tap] · source[from + tap·stride + i] for i below `count`: plain loops, a photograph has millions. */
function mix(
  target: Float64Array,
  to: number,
  count: number,
  source: ArrayLike<number>,
  from: number,
  stride: number,
  weights: readonly number[],
): void {
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let tap = 0; tap < weights.length; tap++) sum += (weights[tap] ?? 0) * (source[from + tap * stride + i] ?? 0);
    target[to + i] = sum;
  }
}

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

const LOBES = 3;

/** Which source pixels make each target pixel; shrinking widens the filter. */
function taps(from: number, to: number): readonly Taps[] {
  const stretch = Math.max(1, from / to);
  return Array.from({ length: to }, (_, index) => {
    const centre = ((index + 0.5) * from) / to;
    const first = Math.max(0, Math.floor(centre - LOBES * stretch + 0.5));
    const last = Math.min(from, Math.floor(centre + LOBES * stretch + 0.5));
    const raw = Array.from({ length: last - first }, (_tap, i) => lanczos((first + i + 0.5 - centre) / stretch));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => weight / total) };
  });
}

function lanczos(x: number): number {
  if (Math.abs(x) >= LOBES) return 0;
  return sinc(x) * sinc(x / LOBES);
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = Math.PI * x;
  return kernels.cos(angle - Math.PI / 2) / angle;
}
