/** The numbers of image tasks; docs/equations.md lists them. */
export const IMAGE = Object.freeze({
  /** ρ of eq 1: share of the synthetic tasks. */
  share: 0.35,
  /** k of spec section 3: miners of one task, both ends included. */
  pool: Object.freeze({ min: 15, max: 25 }),
  /** Section 5: hours of one task, whatever its size. */
  hours: Object.freeze({ min: 1, max: 2 }),
  /** S of spec section 6: draws of noise for each image. */
  seeds: 10,
  /** The paper's own measurement (4.4.2): ten draws at each of these noise levels. */
  benchmarkStrengths: Object.freeze([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
  /** Rows of TEST whose images are shown with the results. */
  samples: 8,
  /** Sides in pixels of images that are made for synthetic tasks (spec section 4). */
  generatedSides: Object.freeze({ multiple: 64, most: 1024 }),
  /** Two losses closer than this are the same number on the CPU engine. */
  tolerance: 1e-6,
});

/** Limits of one image; what is beyond is refused before it is decoded. */
export const IMAGE_LIMITS = Object.freeze({
  leastSide: 8,
  mostSide: 4096,
  mostBytes: 32 * 1024 * 1024,
  captionLength: 2000,
});
