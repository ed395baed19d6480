// The same Llama in TensorFlow.js on its WebAssembly backend, as fast as its operations allow. Two detours are needed:
// the backend has no gradient of gather, so the embedding is a product with one-hot rows; and its matrix product is
// ten times slower with a transpose flag, which the built-in gradient uses, so the gradient here transposes first.
import { createRequire, registerHooks } from "node:module";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { LlamaConfig, Weights } from "../evaluators/embedded/engine/index.ts";

/** Starts the backend; the files lie beside the package's entry point. */
export async function startTensorflow(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(join(dirname(entry), sep));
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start its WebAssembly backend.");
  await tf.ready();
  await registerGradients();
}

/** The build for Node leaves the gradients out; they are beside it, written for bundlers, without file extensions. */
async function registerGradients(): Promise<void> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const inside = context.parentURL?.includes("/@tensorflow/") === true && specifier.startsWith(".");
      return next(inside && !specifier.endsWith(".js") ? `${specifier}.js` : specifier, context);
    },
  });
  await import("@tensorflow/tfjs-core/dist/register_all_gradients.js");
  hooks.deregister();
}

const lastTwoSwapped = (rank: number): number[] => (rank === 2 ? [1, 0] : [0, 2, 1]);
const swap = (x: tf.Tensor): tf.Tensor => tf.transpose(x, lastTwoSwapped(x.rank));

const product = tf.customGrad((...args) => {
  const [a, b, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [left, right] = saved as [tf.Tensor, tf.Tensor];
      return [tf.matMul(dy, swap(right)), tf.matMul(swap(left), dy)];
    },
  };
});

export interface TensorflowLlama {
  /** Mean loss in nats after one step of Adam at this learning rate. */
  readonly train: (ids: Int32Array, targets: Int32Array) => number;
  /** Mean loss in nats. */
  readonly evaluate: (ids: Int32Array, targets: Int32Array) => number;
}

/** A tied model without grouped heads for batches of one shape; targets are all counted. */
export function createTensorflowLlama(
  config: LlamaConfig,
  weights: Weights,
  { batch, length, learningRate }: { readonly batch: number; readonly length: number; readonly learningRate: number },
): TensorflowLlama {
  const { hidden_size: width, num_attention_heads: heads, vocab_size: vocabulary } = config;
  const size = width / heads;
  const variables = new Map<string, tf.Variable>();
  for (const [name, { shape, data }] of weights) {
    const stored = tf.tensor(data, [...shape]);
    // Linear layers are kept as [inputs, outputs], the fast layout.
    variables.set(name, tf.variable(name.includes("proj") ? tf.transpose(stored) : stored));
  }
  const weight = (name: string): tf.Tensor => {
    const found = variables.get(name);
    if (found === undefined) throw new Error(`No tensor ${name}.`);
    return found;
  };

  const angles = Array.from({ length }, (_, t) =>
    Array.from({ length: size }, (_unused, i) => t * config.rope_theta ** ((-2 * (i % (size / 2))) / size)),
  );
  const cosines = tf.cos(tf.tensor2d(angles));
  const sines = tf.sin(tf.tensor2d(angles));
  const mask = tf.tensor2d(
    Array.from({ length }, (_, i) => Array.from({ length }, (_unused, j) => (j <= i ? 0 : -1e9))),
  );

  const norm = (x: tf.Tensor, name: string): tf.Tensor => {
    const meanSquare = tf.mean(tf.mul(x, x), -1, true);
    return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, config.rms_norm_eps))), weight(name));
  };
  const split = (x: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, length, heads, size]), [0, 2, 1, 3]), [batch * heads, length, size]);
  const rotate = (x: tf.Tensor): tf.Tensor => {
    const [low, high] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.add(tf.mul(x, cosines), tf.mul(tf.concat([tf.neg(high), low], -1), sines));
  };
  const linear = (x: tf.Tensor, name: string): tf.Tensor => product(x, weight(name));

  const meanLoss = (ids: Int32Array, targets: Int32Array): tf.Scalar => {
    const embedding = weight("model.embed_tokens.weight");
    let x = product(tf.cast(tf.oneHot(tf.tensor1d(ids, "int32"), vocabulary), "float32"), embedding);
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      const p = `model.layers.${layer}`;
      let h = norm(x, `${p}.input_layernorm.weight`);
      const q = rotate(split(linear(h, `${p}.self_attn.q_proj.weight`)));
      const k = rotate(split(linear(h, `${p}.self_attn.k_proj.weight`)));
      const v = split(linear(h, `${p}.self_attn.v_proj.weight`));
      const scores = tf.add(tf.mul(product(q, swap(k)), 1 / Math.sqrt(size)), mask);
      const mixed = tf.reshape(product(tf.softmax(scores), v), [batch, heads, length, size]);
      const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, width]);
      x = tf.add(x, linear(joined, `${p}.self_attn.o_proj.weight`));
      h = norm(x, `${p}.post_attention_layernorm.weight`);
      const gate = linear(h, `${p}.mlp.gate_proj.weight`);
      const gated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), linear(h, `${p}.mlp.up_proj.weight`));
      x = tf.add(x, linear(gated, `${p}.mlp.down_proj.weight`));
    }
    const logits = product(norm(x, "model.norm.weight"), swap(embedding));
    const wanted = tf.cast(tf.oneHot(tf.tensor1d(targets, "int32"), vocabulary), "float32");
    const losses = tf.sub(tf.logSumExp(logits, -1), tf.sum(tf.mul(logits, wanted), -1));
    return tf.reshape<tf.Rank.R0>(tf.mean(losses), []);
  };

  const optimizer = tf.train.adam(learningRate);
  const numberOf = (scalar: tf.Scalar): number => scalar.dataSync()[0] ?? NaN;
  return {
    train: (ids, targets) =>
      tf.tidy(() => {
        const loss = optimizer.minimize(() => meanLoss(ids, targets), true);
        if (loss === null) throw new Error("The optimiser returned no loss.");
        return numberOf(loss);
      }),
    evaluate: (ids, targets) => tf.tidy(() => numberOf(meanLoss(ids, targets))),
  };
}
