import { at, multiplyAdd } from "./lanes";
import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS, TILE_COLUMNS, TILE_ROWS, edgeTile, packedA, packedB } from "./scratch";

/**
 * C[rows, columns] = A·B, or C += A·B with `accumulate`.
 *
 * Element (i, p) of A is at a + i·aRow + p·aColumn, element (p, j) of B at b + p·bRow + j·bColumn (strides count
 * elements), so all four transposed layouts are one function. C is row-major with `cRow` elements a row.
 */
export function gemm(
  rows: i32,
  columns: i32,
  depth: i32,
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  c: usize,
  cRow: i32,
  accumulate: i32,
): void {
  for (let j = 0; j < columns; j += BLOCK_COLUMNS) {
    const blockColumns = min(BLOCK_COLUMNS, columns - j);
    for (let p = 0; p < depth; p += BLOCK_DEPTH) {
      const blockDepth = min(BLOCK_DEPTH, depth - p);
      const keep = accumulate != 0 || p > 0;
      packB(at(b, p * bRow + j * bColumn), bRow, bColumn, blockDepth, blockColumns);
      for (let i = 0; i < rows; i += BLOCK_ROWS) {
        const blockRows = min(BLOCK_ROWS, rows - i);
        packA(at(a, i * aRow + p * aColumn), aRow, aColumn, blockRows, blockDepth);
        multiplyBlock(blockRows, blockColumns, blockDepth, at(c, i * cRow + j), cRow, keep);
      }
    }
  }
}

function multiplyBlock(rows: i32, columns: i32, depth: i32, c: usize, cRow: i32, keep: bool): void {
  const rowBytes = (<usize>cRow) << 2;
  for (let j = 0; j < columns; j += TILE_COLUMNS) {
    const panelB = at(packedB, j * depth);
    const tileColumns = min(TILE_COLUMNS, columns - j);
    for (let i = 0; i < rows; i += TILE_ROWS) {
      const panelA = at(packedA, i * depth);
      const tileRows = min(TILE_ROWS, rows - i);
      const target = at(c, i * cRow + j);
      if (tileRows == TILE_ROWS && tileColumns == TILE_COLUMNS) {
        multiplyTile(depth, panelA, panelB, target, rowBytes, keep);
      } else {
        multiplyTile(depth, panelA, panelB, edgeTile, TILE_COLUMNS * 4, false);
        copyEdge(target, rowBytes, tileRows, tileColumns, keep);
      }
    }
  }
}

/** One 6x8 tile of C in twelve registers. */
function multiplyTile(depth: i32, a: usize, b: usize, c: usize, rowBytes: usize, keep: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  let c50 = c00;
  let c51 = c00;
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = multiplyAdd(x, b0, c00);
    c01 = multiplyAdd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = multiplyAdd(x, b0, c10);
    c11 = multiplyAdd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = multiplyAdd(x, b0, c20);
    c21 = multiplyAdd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = multiplyAdd(x, b0, c30);
    c31 = multiplyAdd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = multiplyAdd(x, b0, c40);
    c41 = multiplyAdd(x, b1, c41);
    x = v128.load32_splat(a, 20);
    c50 = multiplyAdd(x, b0, c50);
    c51 = multiplyAdd(x, b1, c51);
    a += 24;
    b += 32;
  }
  storeRow(c, c00, c01, keep);
  storeRow(c + rowBytes, c10, c11, keep);
  storeRow(c + 2 * rowBytes, c20, c21, keep);
  storeRow(c + 3 * rowBytes, c30, c31, keep);
  storeRow(c + 4 * rowBytes, c40, c41, keep);
  storeRow(c + 5 * rowBytes, c50, c51, keep);
}

function storeRow(c: usize, left: v128, right: v128, keep: bool): void {
  if (keep) {
    left = f32x4.add(v128.load(c), left);
    right = f32x4.add(v128.load(c, 16), right);
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}

function copyEdge(c: usize, rowBytes: usize, rows: i32, columns: i32, keep: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = load<f32>(at(edgeTile, i * TILE_COLUMNS + j));
      const target = at(c + <usize>i * rowBytes, j);
      store<f32>(target, keep ? load<f32>(target) + value : value);
    }
  }
}

/** Copies a block of A to panels of six rows, depth-major, padded with zeros. */
function packA(a: usize, aRow: i32, aColumn: i32, rows: i32, depth: i32): void {
  for (let i = 0; i < rows; i += TILE_ROWS) {
    const panel = at(packedA, i * depth);
    const source = at(a, i * aRow);
    if (rows - i >= TILE_ROWS && aColumn == 1) packRowsOfA(panel, source, aRow, depth);
    else if (rows - i >= TILE_ROWS && aRow == 1) packColumnsOfA(panel, source, aColumn, depth);
    else packAnyA(panel, source, aRow, aColumn, min(TILE_ROWS, rows - i), depth);
  }
}

function packAnyA(panel: usize, source: usize, aRow: i32, aColumn: i32, rows: i32, depth: i32): void {
  for (let q = 0; q < TILE_ROWS; q++) {
    for (let p = 0; p < depth; p++) {
      const value: f32 = q < rows ? load<f32>(at(source, q * aRow + p * aColumn)) : 0;
      store<f32>(at(panel, p * TILE_ROWS + q), value);
    }
  }
}

/** Six contiguous rows: transposed four columns at a time in registers. */
function packRowsOfA(panel: usize, source: usize, aRow: i32, depth: i32): void {
  const step = (<usize>aRow) << 2;
  let s = source;
  let d = panel;
  let p = 0;
  for (; p + 4 <= depth; p += 4) {
    const r0 = v128.load(s);
    const r1 = v128.load(s + step);
    const r2 = v128.load(s + 2 * step);
    const r3 = v128.load(s + 3 * step);
    const r4 = v128.load(s + 4 * step);
    const r5 = v128.load(s + 5 * step);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const low45 = v128.shuffle<f32>(r4, r5, 0, 4, 1, 5);
    const high45 = v128.shuffle<f32>(r4, r5, 2, 6, 3, 7);
    v128.store(d, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store64_lane(d, low45, 0, 16);
    v128.store(d, v128.shuffle<f64>(low01, low23, 1, 3), 24);
    v128.store64_lane(d, low45, 1, 40);
    v128.store(d, v128.shuffle<f64>(high01, high23, 0, 2), 48);
    v128.store64_lane(d, high45, 0, 64);
    v128.store(d, v128.shuffle<f64>(high01, high23, 1, 3), 72);
    v128.store64_lane(d, high45, 1, 88);
    s += 16;
    d += 96;
  }
  for (; p < depth; p++) {
    for (let q = 0; q < TILE_ROWS; q++) store<f32>(at(d, q), load<f32>(s + <usize>q * step));
    s += 4;
    d += 24;
  }
}

/** Six neighbouring columns of a row-major matrix, for A transposed. */
function packColumnsOfA(panel: usize, source: usize, aColumn: i32, depth: i32): void {
  const step = (<usize>aColumn) << 2;
  let s = source;
  let d = panel;
  for (let p = 0; p < depth; p++) {
    v128.store(d, v128.load(s));
    store<u64>(d, load<u64>(s, 16), 16);
    s += step;
    d += 24;
  }
}

/** Copies a block of B to panels of eight columns, depth-major, padded with zeros. */
function packB(b: usize, bRow: i32, bColumn: i32, depth: i32, columns: i32): void {
  for (let j = 0; j < columns; j += TILE_COLUMNS) {
    const panel = at(packedB, j * depth);
    const source = at(b, j * bColumn);
    if (columns - j >= TILE_COLUMNS && bColumn == 1) packRowsOfB(panel, source, bRow, depth);
    else if (columns - j >= TILE_COLUMNS && bRow == 1) packColumnsOfB(panel, source, bColumn, depth);
    else packAnyB(panel, source, bRow, bColumn, depth, min(TILE_COLUMNS, columns - j));
  }
}

function packAnyB(panel: usize, source: usize, bRow: i32, bColumn: i32, depth: i32, columns: i32): void {
  for (let q = 0; q < TILE_COLUMNS; q++) {
    for (let p = 0; p < depth; p++) {
      const value: f32 = q < columns ? load<f32>(at(source, p * bRow + q * bColumn)) : 0;
      store<f32>(at(panel, p * TILE_COLUMNS + q), value);
    }
  }
}

function packRowsOfB(panel: usize, source: usize, bRow: i32, depth: i32): void {
  const step = (<usize>bRow) << 2;
  let s = source;
  let d = panel;
  for (let p = 0; p < depth; p++) {
    v128.store(d, v128.load(s));
    v128.store(d, v128.load(s, 16), 16);
    s += step;
    d += 32;
  }
}

/** Eight columns that are each contiguous (B transposed): 4x4 transposes in registers. */
function packColumnsOfB(panel: usize, source: usize, bColumn: i32, depth: i32): void {
  const step = (<usize>bColumn) << 2;
  packFourColumns(panel, source, step, depth);
  packFourColumns(panel + 16, source + 4 * step, step, depth);
}

function packFourColumns(panel: usize, source: usize, step: usize, depth: i32): void {
  let s = source;
  let d = panel;
  let p = 0;
  for (; p + 4 <= depth; p += 4) {
    const r0 = v128.load(s);
    const r1 = v128.load(s + step);
    const r2 = v128.load(s + 2 * step);
    const r3 = v128.load(s + 3 * step);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(d, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store(d, v128.shuffle<f64>(low01, low23, 1, 3), 32);
    v128.store(d, v128.shuffle<f64>(high01, high23, 0, 2), 64);
    v128.store(d, v128.shuffle<f64>(high01, high23, 1, 3), 96);
    s += 16;
    d += 128;
  }
  for (; p < depth; p++) {
    for (let q = 0; q < 4; q++) store<f32>(at(d, q), load<f32>(s + <usize>q * step));
    s += 4;
    d += 32;
  }
}
