import { addScaled } from "./elementwise";
import { at } from "./lanes";

/** out[r] = source[index[r]] for rows of `width` numbers: an embedding look-up. */
export function gatherRows(out: usize, source: usize, index: usize, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++) {
    memory.copy(at(out, r * width), at(source, load<i32>(at(index, r)) * width), (<usize>width) << 2);
  }
}

/** target[index[r]] += source[r]: the gradient of gatherRows. */
export function scatterAddRows(target: usize, source: usize, index: usize, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++)
    addScaled(at(target, load<i32>(at(index, r)) * width), at(source, r * width), 1, width);
}
