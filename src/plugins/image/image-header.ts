import { IMAGE_LIMITS } from "./params.ts";

/** What a file says about its picture before anything is decoded. */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  /** 1 to 8, as EXIF data have it; 1 is upright. */
  readonly orientation: number;
}

/** Why a picture of these sides is refused, as a sentence; null where it isn't. */
export function sideProblem({ width, height }: Pick<ImageHeader, "width" | "height">): string | null {
  const { leastSide, mostSide } = IMAGE_LIMITS;
  return Math.min(width, height) < leastSide || Math.max(width, height) > mostSide
    ? `must have sides of ${leastSide} to ${mostSide} pixels, found ${width} x ${height}`
    : null;
}
