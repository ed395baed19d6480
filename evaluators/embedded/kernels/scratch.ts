// Fixed working memory of the kernels, placed below the heap that the engine manages.

/** Rows and columns of the register tile, and the cache blocking of the matrix product. */
export const TILE_ROWS: i32 = 6;
export const TILE_COLUMNS: i32 = 8;
export const BLOCK_DEPTH: i32 = 256;
export const BLOCK_ROWS: i32 = 96;
export const BLOCK_COLUMNS: i32 = 1024;

const start: usize = (__heap_base + 63) & ~63;

/** A block of the left matrix, packed in panels of TILE_ROWS rows. */
export const packedA: usize = start;

/** A block of the right matrix, packed in panels of TILE_COLUMNS columns. */
export const packedB: usize = packedA + <usize>(BLOCK_ROWS * BLOCK_DEPTH * 4);

/** One register tile, for tiles that hang over the edge of the result. */
export const edgeTile: usize = packedB + <usize>(BLOCK_COLUMNS * BLOCK_DEPTH * 4);

/** First byte that the engine may use. */
export function heapStart(): usize {
  return (edgeTile + <usize>(TILE_ROWS * TILE_COLUMNS * 4) + 63) & ~63;
}
