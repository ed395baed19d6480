import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Address, Kernels } from "./kernels.ts";
import { packageRoot } from "./package-root.ts";

const PAGE_BYTES = 65_536;
const INITIAL_PAGES = 1024;
/** 2 GiB: addresses stay positive as signed 32-bit numbers. */
const MAXIMUM_PAGES = 32_768;
const ALIGNMENT = 64;

const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES });

function instantiate(): Kernels {
  const file = join(packageRoot(), "evaluators", "embedded", "kernels.wasm");
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { env: { memory } });
  // The file is built from ../kernels and a test compares the two, so its exports have these types.
  return instance.exports as unknown as Kernels;
}

/** The compiled kernels over the one memory of this process. */
export const kernels: Kernels = instantiate();

let next: Address = kernels.heapStart();

/** Reserves room for `count` 32-bit numbers; its content is arbitrary. Growing the memory detaches every older view. */
export function allocate(count: number): Address {
  const address = next;
  const end = address + Math.ceil((count * 4) / ALIGNMENT) * ALIGNMENT;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) grow(missing);
  next = end;
  return address;
}

function grow(missingBytes: number): void {
  const needed = Math.ceil(missingBytes / PAGE_BYTES);
  const pages = memory.buffer.byteLength / PAGE_BYTES;
  if (pages + needed > MAXIMUM_PAGES) throw new RangeError("The engine's 2 GiB of memory are used up.");
  memory.grow(Math.min(MAXIMUM_PAGES - pages, Math.max(needed, pages >> 2)));
}

/** The end of what is in use; give it to `release` to free everything that was allocated since. */
export function mark(): Address {
  return next;
}

/** Frees everything that was allocated after `to` was marked. */
export function release(to: Address): void {
  next = to;
}

/** A view of `count` floats; do not hold it over an allocation. */
export function floats(address: Address, count: number): Float32Array<ArrayBuffer> {
  return new Float32Array(memory.buffer, address, count);
}

/** A view of `count` integers; do not hold it over an allocation. */
export function integers(address: Address, count: number): Int32Array<ArrayBuffer> {
  return new Int32Array(memory.buffer, address, count);
}

/** Copies integers (token ids, row numbers) into the memory. */
export function storeIntegers(values: ArrayLike<number>): Address {
  const address = allocate(values.length);
  integers(address, values.length).set(values);
  return address;
}
