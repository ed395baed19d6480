/** A linear map from values to pixels. */
export interface Scale {
  readonly domain: readonly [number, number];
  at(value: number): number;
}

/** Maps `domain` to `range`; an empty domain is widened a little so that there is something to map. */
export function linearScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const top = high > low ? high : low + 1;
  return { domain: [low, top], at: (value) => from + ((value - low) / (top - low)) * (to - from) };
}

/** About `count` round numbers inside a domain: steps of 1, 2 or 5 times a power of ten. */
export function ticks([low, high]: readonly [number, number], count = 6): readonly number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toFixed(digits)));
}
