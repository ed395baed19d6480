/** 8 bits a channel, row by row from the upper left: 3 channels, or 4 with alpha. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** Four channels become three where no pixel is transparent. */
export function withoutIdleAlpha({ width, height, data }: Omit<Pixels, "channels">): Pixels {
  const pixels = width * height;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (data[pixel * 4 + 3] !== 255) return { width, height, channels: 4, data };
  }
  const rgb = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < 3; channel++) rgb[pixel * 3 + channel] = data[pixel * 4 + channel] ?? 0;
  }
  return { width, height, channels: 3, data: rgb };
}

/** The picture as it is meant to be looked at, from the orientation (1 to 8) that EXIF data give. */
export function turnUpright(pixels: Pixels, orientation: number): Pixels {
  const source = SOURCES[orientation];
  if (source === undefined) return pixels;
  const { channels, data } = pixels;
  // From 5 on rows become columns.
  const [width, height] = orientation >= 5 ? [pixels.height, pixels.width] : [pixels.width, pixels.height];
  const turned = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += channels) {
      const [fromX, fromY] = source(x, y, pixels.width - 1, pixels.height - 1);
      const from = (fromY * pixels.width + fromX) * channels;
      for (let channel = 0; channel < channels; channel++) turned[to + channel] = data[from + channel] ?? 0;
    }
  }
  return { width, height, channels, data: turned };
}

/** Where the pixel at (x, y) comes from; `right` and `bottom` are the last column and row as stored. */
type Source = (x: number, y: number, right: number, bottom: number) => readonly [x: number, y: number];

const SOURCES: Readonly<Record<number, Source>> = {
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _right, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _right, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};
