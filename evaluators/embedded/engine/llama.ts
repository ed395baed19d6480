import type { Address } from "./kernels.ts";
import type { KeyValueCache } from "./kv-cache.ts";
import type { LlamaConfig } from "./llama-config.ts";
import { headSizeOf } from "./llama-config.ts";
import { checkLlamaWeights, EMBEDDING, FINAL_NORM, HEAD } from "./llama-weights.ts";
import type { Adapter } from "./lora.ts";
import { allocate, kernels } from "./memory.ts";
import type { NetworkOptions, NetworkTensors } from "./network.ts";
import { Network, placeWeights } from "./network.ts";
import { add, attention, crossEntropy, linear, rmsNorm, rope, rows, spreadRows, swiglu } from "./ops.ts";
import type { Tensor } from "./tensor.ts";
import { noGrad } from "./tensor.ts";
import type { Weights } from "./weights.ts";

/** Loads checked weights into the engine. */
export function createLlama(config: LlamaConfig, weights: Weights, options: NetworkOptions = {}): Llama {
  checkLlamaWeights(config, weights);
  const used = [...weights].filter(([name]) => name !== HEAD || !config.tie_word_embeddings);
  const headSize = headSizeOf(config);
  const table = allocate(config.max_position_embeddings * headSize);
  kernels.ropeTable(table, config.max_position_embeddings, headSize, config.rope_theta);
  return new Llama(config, placeWeights(new Map(used), options), table);
}

/** A Llama decoder over tensors in the engine, with or without a LoRA adapter on top. */
export class Llama extends Network {
  readonly config: LlamaConfig;
  readonly #ropeTable: Address;
  readonly #headSize: number;

  constructor(config: LlamaConfig, placed: NetworkTensors, ropeTable: Address) {
    super(placed);
    this.config = config;
    this.#ropeTable = ropeTable;
    this.#headSize = headSizeOf(config);
  }

  /** The same base tensors under another adapter; nothing is copied. */
  withAdapter(adapter: Adapter): Llama {
    return new Llama(this.config, { tensors: this.tensors, adapter }, this.#ropeTable);
  }

  /** Final hidden states [batch · length, hidden_size] of token ids [batch, length], row-major. */
  hidden(ids: ArrayLike<number>, batch: number, length: number): Tensor {
    const { config } = this;
    if (ids.length !== batch * length) throw new RangeError(`${ids.length} ids are not ${batch} x ${length}.`);
    if (length > config.max_position_embeddings)
      throw new RangeError(`${length} positions exceed the context of ${config.max_position_embeddings}.`);
    return this.#blocks(rows(this.tensor(EMBEDDING), ids), batch, length);
  }

  /** Logits [rows, vocab_size] of hidden states. */
  logits(hidden: Tensor): Tensor {
    return linear(hidden, this.tensor(this.config.tie_word_embeddings ? EMBEDDING : HEAD));
  }

  /** Logits [batch · length, vocab_size] of token ids. */
  forward(ids: ArrayLike<number>, batch: number, length: number): Tensor {
    return this.logits(this.hidden(ids, batch, length));
  }

  /**
   * Logits [batch, vocab_size] of what comes after `ids` ([batch, count], row-major), which follow what the cache holds
   * and join it.
   */
  extend(ids: ArrayLike<number>, cache: KeyValueCache): Tensor {
    const { batch } = cache;
    const count = ids.length / batch;
    const end = cache.length + count;
    if (end > this.config.max_position_embeddings)
      throw new RangeError(`${end} positions exceed the context of ${this.config.max_position_embeddings}.`);
    return noGrad(() => {
      const hidden = this.#blocks(rows(this.tensor(EMBEDDING), ids), batch, count, cache);
      cache.advance(count);
      const last = Array.from({ length: batch }, (_, sequence) => (sequence + 1) * count - 1);
      return this.logits(rows(hidden, last));
    });
  }

  /**
   * Negative log-likelihood in nats of each target, [batch · length, 1], 0 where the target is negative. Only counted
   * positions pass through the output layer.
   */
  tokenNll(ids: ArrayLike<number>, targets: ArrayLike<number>, batch: number, length: number): Tensor {
    const hidden = this.hidden(ids, batch, length);
    const positions: number[] = [];
    const wanted: number[] = [];
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i] ?? -1;
      if (target < 0) continue;
      if (target >= this.config.vocab_size) throw new RangeError(`Token ${target} is outside the vocabulary.`);
      positions.push(i);
      wanted.push(target);
    }
    const counted = positions.length === batch * length ? hidden : rows(hidden, positions);
    return spreadRows(crossEntropy(this.logits(counted), wanted), positions, batch * length);
  }

  #blocks(embedded: Tensor, batch: number, length: number, cache?: KeyValueCache): Tensor {
    const { num_hidden_layers: layers, rms_norm_eps: epsilon } = this.config;
    let x = embedded;
    for (let layer = 0; layer < layers; layer++) {
      x = add(x, this.#attention(x, layer, batch, length, cache));
      x = add(x, this.#mlp(x, `model.layers.${layer}`));
    }
    return rmsNorm(x, this.tensor(FINAL_NORM), epsilon);
  }

  #attention(x: Tensor, layer: number, batch: number, length: number, cache: KeyValueCache | undefined): Tensor {
    const prefix = `model.layers.${layer}`;
    const { num_attention_heads: heads, num_key_value_heads: kvHeads, rms_norm_eps: epsilon } = this.config;
    const headSize = this.#headSize;
    const h = rmsNorm(x, this.tensor(`${prefix}.input_layernorm.weight`), epsilon);
    const turn = (tensor: Tensor, count: number): Tensor =>
      rope(tensor, this.#ropeTable, length, { heads: count, headSize }, cache?.length);
    const q = turn(this.linear(h, `${prefix}.self_attn.q_proj.weight`), heads);
    const k = turn(this.linear(h, `${prefix}.self_attn.k_proj.weight`), kvHeads);
    const v = this.linear(h, `${prefix}.self_attn.v_proj.weight`);
    const mixed =
      cache === undefined
        ? attention(q, k, v, { batch, length, heads, kvHeads, headSize, causal: true })
        : cache.attend(layer, { q, k, v }, length);
    return this.linear(mixed, `${prefix}.self_attn.o_proj.weight`);
  }

  #mlp(x: Tensor, prefix: string): Tensor {
    const h = rmsNorm(x, this.tensor(`${prefix}.post_attention_layernorm.weight`), this.config.rms_norm_eps);
    const gate = this.linear(h, `${prefix}.mlp.gate_proj.weight`);
    const up = this.linear(h, `${prefix}.mlp.up_proj.weight`);
    return this.linear(swiglu(gate, up), `${prefix}.mlp.down_proj.weight`);
  }
}
