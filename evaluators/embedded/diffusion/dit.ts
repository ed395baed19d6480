import type { Adapter, NetworkOptions, NetworkTensors, Tensor, Weights } from "../engine/index.ts";
import {
  add,
  attention,
  kernels,
  Network,
  param,
  placeWeights,
  rmsNorm,
  rows,
  spreadRows,
  swiglu,
} from "../engine/index.ts";
import type { DitConfig } from "./dit-config.ts";
import { checkDitWeights, patchNumbers } from "./dit-weights.ts";

/** Pictures of one size with a noise level and a caption each. */
export interface DitInput {
  /** Patches of all pictures, one after the other, scaled to about unit deviation. */
  readonly patches: Float32Array;
  /** Patches from top to bottom and from left to right. */
  readonly grid: { readonly rows: number; readonly columns: number };
  /** Noise level in [0, 1] of each picture. */
  readonly times: readonly number[];
  /** `text_length` token ids of each picture's caption. */
  readonly captions: readonly (readonly number[])[];
}

/** Loads checked weights into the engine. */
export function createDit(config: DitConfig, weights: Weights, options: NetworkOptions = {}): Dit {
  checkDitWeights(config, weights);
  return new Dit(config, placeWeights(weights, options));
}

/** A text-conditioned diffusion transformer on pixels, with or without a LoRA adapter on top. */
export class Dit extends Network {
  readonly config: DitConfig;

  constructor(config: DitConfig, placed: NetworkTensors) {
    super(placed);
    this.config = config;
  }

  /** The same base tensors under another adapter; nothing is copied. */
  withAdapter(adapter: Adapter): Dit {
    return new Dit(this.config, { tensors: this.tensors, adapter });
  }

  /**
   * One row a patch, in the order of the input: what `clean = skip · noisy + out · row` is computed from
   * (precondition.ts). Captions and patches of a picture attend to each other; the noise level is added to all of them
   * in every block.
   */
  forward(input: DitInput): Tensor {
    const { config } = this;
    const batch = input.times.length;
    const text = config.text_length;
    const patches = input.grid.rows * input.grid.columns;
    const length = text + patches;
    const textPlaces = places(batch, length, 0, text);
    const patchPlaces = places(batch, length, text, patches);

    let x = add(
      spreadRows(this.#captions(input), textPlaces, batch * length),
      spreadRows(this.#patches(input, patches), patchPlaces, batch * length),
    );
    const time = this.#time(input.times);
    const picture = Int32Array.from({ length: batch * length }, (_, row) => Math.floor(row / length));
    for (let block = 0; block < config.num_hidden_layers; block++) {
      x = add(x, rows(this.linear(time, `blocks.${block}.time_proj.weight`), picture));
      x = add(x, this.#attention(x, `blocks.${block}`, batch, length));
      x = add(x, this.#mlp(x, `blocks.${block}`));
    }
    const out = rmsNorm(rows(x, patchPlaces), this.tensor("norm.weight"), config.rms_norm_eps);
    return this.linear(out, "image_out.weight");
  }

  #captions({ captions }: DitInput): Tensor {
    const { text_length: length } = this.config;
    const bad = captions.findIndex((ids) => ids.length !== length);
    if (bad >= 0) throw new RangeError(`Caption ${bad + 1} has ${captions[bad]?.length} tokens, expected ${length}.`);
    const positions = Int32Array.from({ length: captions.length * length }, (_, row) => row % length);
    return add(
      rows(this.tensor("text_embed.weight"), captions.flat()),
      rows(this.tensor("text_position.weight"), positions),
    );
  }

  #patches({ patches, grid, times }: DitInput, perPicture: number): Tensor {
    const numbers = patchNumbers(this.config);
    const count = times.length * perPicture;
    const x = param([count, numbers], patches, false);
    const row = Int32Array.from({ length: count }, (_, patch) => Math.floor((patch % perPicture) / grid.columns));
    const column = Int32Array.from({ length: count }, (_, patch) => patch % grid.columns);
    return add(
      this.linear(x, "image_in.weight"),
      add(rows(this.tensor("row_position.weight"), row), rows(this.tensor("column_position.weight"), column)),
    );
  }

  #time(times: readonly number[]): Tensor {
    const { time_features: features } = this.config;
    const x = param([times.length, features], timeFeatures(times, features), false);
    const inner = swiglu(this.linear(x, "time.gate_proj.weight"), this.linear(x, "time.up_proj.weight"));
    return this.linear(inner, "time.down_proj.weight");
  }

  #attention(x: Tensor, prefix: string, batch: number, length: number): Tensor {
    const { num_attention_heads: heads, hidden_size: width, rms_norm_eps: epsilon } = this.config;
    const h = rmsNorm(x, this.tensor(`${prefix}.attention_norm.weight`), epsilon);
    const [q, k, v] = [
      this.linear(h, `${prefix}.attention.q_proj.weight`),
      this.linear(h, `${prefix}.attention.k_proj.weight`),
      this.linear(h, `${prefix}.attention.v_proj.weight`),
    ];
    const shape = { batch, length, heads, kvHeads: heads, headSize: width / heads, causal: false };
    return this.linear(attention(q, k, v, shape), `${prefix}.attention.o_proj.weight`);
  }

  #mlp(x: Tensor, prefix: string): Tensor {
    const h = rmsNorm(x, this.tensor(`${prefix}.mlp_norm.weight`), this.config.rms_norm_eps);
    const gate = this.linear(h, `${prefix}.mlp.gate_proj.weight`);
    const up = this.linear(h, `${prefix}.mlp.up_proj.weight`);
    return this.linear(swiglu(gate, up), `${prefix}.mlp.down_proj.weight`);
  }
}

/** Row numbers of the part [start, start + count) of each of `batch` sequences. */
function places(batch: number, length: number, start: number, count: number): Int32Array {
  return Int32Array.from(
    { length: batch * count },
    (_, row) => Math.floor(row / count) * length + start + (row % count),
  );
}

const FASTEST = 1000;

/** cos and sin of 1000·t·10000^(-i/half) for i = 0 … half - 1. */
function timeFeatures(times: readonly number[], features: number): Float32Array {
  const half = features / 2;
  const values = new Float32Array(times.length * features);
  for (const [index, time] of times.entries()) {
    for (let i = 0; i < half; i++) {
      const angle = time * FASTEST * kernels.exp((-kernels.log(10_000) * i) / half);
      values[index * features + i] = kernels.cos(angle);
      // sin(x) = cos(x - π/2): the engine's own cosine is the same on every machine.
      values[index * features + half + i] = kernels.cos(angle - Math.PI / 2);
    }
  }
  return values;
}
