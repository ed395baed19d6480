import type { Address } from "./kernels.ts";
import type { LlamaConfig } from "./llama-config.ts";
import { headSizeOf } from "./llama-config.ts";
import { allocate, floats, kernels } from "./memory.ts";
import type { Tensor } from "./tensor.ts";
import { result } from "./tensor.ts";

/** What `attend` sees of one layer: queries, keys and values [batch · count, width] of the newest positions. */
export interface NewestPositions {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
}

/**
 * Keys and values of all positions that a batch of equally long sequences has read so far, so that each further token
 * costs one position. It takes its memory at once: release it as a whole, after the last use.
 */
export class KeyValueCache {
  readonly batch: number;
  readonly capacity: number;
  readonly #config: LlamaConfig;
  readonly #width: number;
  readonly #layers: readonly { readonly keys: Address; readonly values: Address }[];
  #length = 0;

  constructor(config: LlamaConfig, batch: number, capacity: number) {
    this.batch = batch;
    this.capacity = capacity;
    this.#config = config;
    this.#width = headSizeOf(config) * config.num_key_value_heads;
    const size = batch * capacity * this.#width;
    this.#layers = Array.from({ length: config.num_hidden_layers }, () => ({
      keys: allocate(size),
      values: allocate(size),
    }));
  }

  /** Positions that every sequence has read. */
  get length(): number {
    return this.#length;
  }

  /** Adds `count` positions of one layer and lets their queries see everything up to themselves. Records no gradient. */
  attend(layer: number, { q, k, v }: NewestPositions, count: number): Tensor {
    const found = this.#layers[layer];
    if (found === undefined) throw new RangeError(`The model has no layer ${layer}.`);
    if (this.#length + count > this.capacity)
      throw new RangeError(`${this.#length + count} positions exceed the cache of ${this.capacity}.`);
    this.#store(found.keys, k, count);
    this.#store(found.values, v, count);
    const { num_attention_heads: heads, num_key_value_heads: kvHeads } = this.#config;
    const keys = this.#length + count;
    const y = result(q.shape, q, k, v);
    kernels.attentionForward(
      y.address,
      allocate(this.batch * heads * count * keys),
      q.address,
      found.keys,
      found.values,
      this.batch,
      count,
      keys,
      this.capacity * this.#width,
      heads,
      kvHeads,
      headSizeOf(this.#config),
      1,
    );
    return y;
  }

  /** Counts positions that every layer has seen. */
  advance(count: number): void {
    this.#length += count;
  }

  #store(target: Address, source: Tensor, count: number): void {
    const width = this.#width;
    const from = source.data;
    const to = floats(target, this.batch * this.capacity * width);
    for (let sequence = 0; sequence < this.batch; sequence++) {
      const newest = from.subarray(sequence * count * width, (sequence + 1) * count * width);
      to.set(newest, (sequence * this.capacity + this.#length) * width);
    }
  }
}
