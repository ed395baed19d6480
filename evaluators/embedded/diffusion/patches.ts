import type { RgbImage } from "./resize.ts";

/** A picture of `height` x `width` pixels: red, green and blue of each pixel in [-1, 1], row by row. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** 8-bit colours as numbers in [-1, 1]. */
export function toPicture({ height, width, data }: RgbImage): Picture {
  return { height, width, values: Float32Array.from(data, (byte) => byte / 127.5 - 1) };
}

/** A picture's numbers patch by patch (rows of patches from the top), each patch row by row. */
export function toPatches({ height, width, values }: Picture, side: number): Float32Array {
  const patches = new Float32Array(values.length);
  eachPixel(height, width, side, (pixel, place) => {
    for (let channel = 0; channel < 3; channel++) patches[place + channel] = values[pixel + channel] ?? 0;
  });
  return patches;
}

/** The other way round. */
export function fromPatches(patches: Float32Array, { height, width }: Omit<Picture, "values">, side: number): Picture {
  const values = new Float32Array(patches.length);
  eachPixel(height, width, side, (pixel, place) => {
    for (let channel = 0; channel < 3; channel++) values[pixel + channel] = patches[place + channel] ?? 0;
  });
  return { height, width, values };
}

function eachPixel(height: number, width: number, side: number, visit: (pixel: number, place: number) => void): void {
  const columns = width / side;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const patch = Math.floor(y / side) * columns + Math.floor(x / side);
      visit((y * width + x) * 3, (patch * side * side + (y % side) * side + (x % side)) * 3);
    }
  }
}
