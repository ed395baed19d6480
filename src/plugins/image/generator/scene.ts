/** How a picture is made. */
export const STYLES = ["flat", "shaded", "outlined", "striped", "pixelated"] as const;
export type Style = (typeof STYLES)[number];

export const SHAPES = ["circle", "square", "triangle", "diamond", "ring", "cross", "star", "heart"] as const;
export type Shape = (typeof SHAPES)[number];

/** Names of colours, red, green and blue in [0, 1] each. */
export const COLOURS = Object.freeze({
  red: [0.86, 0.13, 0.15],
  orange: [0.95, 0.52, 0.1],
  yellow: [0.98, 0.84, 0.15],
  green: [0.16, 0.6, 0.25],
  turquoise: [0.15, 0.72, 0.7],
  blue: [0.13, 0.33, 0.78],
  purple: [0.5, 0.2, 0.65],
  pink: [0.96, 0.55, 0.72],
  brown: [0.5, 0.31, 0.18],
  black: [0.08, 0.08, 0.1],
  white: [0.97, 0.97, 0.95],
  grey: [0.55, 0.56, 0.58],
} satisfies Record<string, readonly [number, number, number]>);
export type ColourName = keyof typeof COLOURS;

/** Where the shape is, as parts of the picture's sides from the upper left. */
const PLACES = {
  "in the middle": [0.5, 0.5],
  "on the left": [0.3, 0.5],
  "on the right": [0.7, 0.5],
  "at the top": [0.5, 0.3],
  "at the bottom": [0.5, 0.7],
} as const satisfies Record<string, readonly [number, number]>;

/** Half of the shape's height as a part of the shorter side. */
const SIZES = { small: 0.17, large: 0.28 } as const;

/** All that a picture shows; its caption says it. */
export interface Scene {
  readonly style: Style;
  readonly shape: Shape;
  readonly size: keyof typeof SIZES;
  readonly place: keyof typeof PLACES;
  readonly colour: ColourName;
  readonly background: ColourName;
  /** Centre as parts of the sides, half height as a part of the shorter one, both a little off the names' own. */
  readonly centre: readonly [x: number, y: number];
  readonly radius: number;
}

/** How far place and size may be from what their names say. */
const JITTER = 0.04;

/** A scene of one of these styles; every choice is one random number. */
export function drawScene(styles: readonly Style[], rng: () => number): Scene {
  const pick = <T>(choices: readonly T[], otherwise: T): T => choices[Math.floor(rng() * choices.length)] ?? otherwise;
  const around = (value: number): number => value + (2 * rng() - 1) * JITTER;
  const style = pick(styles, "flat");
  const shape = pick(SHAPES, "circle");
  const size = pick(keysOf(SIZES), "large");
  const place = pick(keysOf(PLACES), "in the middle");
  const colour = pick(keysOf(COLOURS), "red");
  const background = pick(
    keysOf(COLOURS).filter((other) => other !== colour),
    "white",
  );
  const [x, y] = PLACES[place];
  const centre = [around(x), around(y)] as const;
  return { style, shape, size, place, colour, background, centre, radius: around(SIZES[size]) };
}

/** The prompt that the picture belongs to. */
export function captionOf({ style, size, colour, shape, place, background }: Scene): string {
  const article = style === "outlined" ? "an" : "a";
  return `${article} ${style} picture of a ${size} ${colour} ${shape} ${place}, on ${background}`;
}

/** `Object.keys` with the names that a frozen table has. */
function keysOf<T extends object>(table: T): readonly (keyof T)[] {
  return Object.keys(table) as (keyof T)[]; // the tables above have no other keys
}
