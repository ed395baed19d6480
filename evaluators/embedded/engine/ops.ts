import type { Address } from "./kernels.ts";
import { allocate, kernels, storeIntegers } from "./memory.ts";
import type { Tensor } from "./tensor.ts";
import { gradientOf, record, result, writeGradient } from "./tensor.ts";

/** Rows and columns of a matrix; anything else is a bug of the caller. */
function matrixSides(tensor: Tensor): readonly [rows: number, columns: number] {
  const [rows, columns] = tensor.shape;
  if (rows === undefined || columns === undefined || tensor.shape.length !== 2)
    throw new RangeError(`Expected a matrix, got shape [${tensor.shape.join(", ")}].`);
  return [rows, columns];
}

/** x[R, I] · weight[O, I]ᵀ -> [R, O]. */
export function linear(x: Tensor, weight: Tensor): Tensor {
  const [rows, inputs] = matrixSides(x);
  const [outputs] = matrixSides(weight);
  const y = result([rows, outputs], x, weight);
  kernels.gemm(rows, outputs, inputs, x.address, inputs, 1, weight.address, 1, inputs, y.address, outputs, 0);
  return record(y, (dy) => {
    if (x.requiresGradient) {
      writeGradient(x, (dx, accumulate) =>
        kernels.gemm(rows, inputs, outputs, dy, outputs, 1, weight.address, inputs, 1, dx, inputs, accumulate),
      );
    }
    if (weight.requiresGradient) {
      writeGradient(weight, (dw, accumulate) =>
        kernels.gemm(outputs, inputs, rows, dy, 1, outputs, x.address, inputs, 1, dw, inputs, accumulate),
      );
    }
  });
}

/** A low-rank update of a linear layer: weight + scale · b[O, r] · a[r, I]. */
export interface LowRank {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly scale: number;
}

/** linear(x, weight) + scale · linear(linear(x, a), b) without making the sum of the weights. */
export function lowRankLinear(x: Tensor, weight: Tensor, { a, b, scale }: LowRank): Tensor {
  const [rows, inputs] = matrixSides(x);
  const [outputs] = matrixSides(weight);
  const [rank] = matrixSides(a);
  const y = result([rows, outputs], x, weight, a, b);
  const hidden = allocate(rows * rank);
  kernels.gemm(rows, outputs, inputs, x.address, inputs, 1, weight.address, 1, inputs, y.address, outputs, 0);
  kernels.gemm(rows, rank, inputs, x.address, inputs, 1, a.address, 1, inputs, hidden, rank, 0);
  kernels.scaleBy(hidden, rows * rank, scale);
  kernels.gemm(rows, outputs, rank, hidden, rank, 1, b.address, 1, rank, y.address, outputs, 1);
  return record(y, (dy) => {
    const dHidden = allocate(rows * rank);
    kernels.gemm(rows, rank, outputs, dy, outputs, 1, b.address, rank, 1, dHidden, rank, 0);
    kernels.scaleBy(dHidden, rows * rank, scale);
    if (b.requiresGradient) {
      kernels.gemm(outputs, rank, rows, dy, 1, outputs, hidden, rank, 1, gradientOf(b), rank, 1);
    }
    if (a.requiresGradient) {
      kernels.gemm(rank, inputs, rows, dHidden, 1, rank, x.address, inputs, 1, gradientOf(a), inputs, 1);
    }
    if (weight.requiresGradient) {
      kernels.gemm(outputs, inputs, rows, dy, 1, outputs, x.address, inputs, 1, gradientOf(weight), inputs, 1);
    }
    if (x.requiresGradient) {
      writeGradient(x, (dx, accumulate) => {
        kernels.gemm(rows, inputs, outputs, dy, outputs, 1, weight.address, inputs, 1, dx, inputs, accumulate);
        kernels.gemm(rows, inputs, rank, dHidden, rank, 1, a.address, inputs, 1, dx, inputs, 1);
      });
    }
  });
}

/** a + b, element by element. */
export function add(a: Tensor, b: Tensor): Tensor {
  const y = result(a.shape, a, b);
  kernels.add(y.address, a.address, b.address, y.size);
  return record(y, (dy) => {
    for (const input of [a, b]) if (input.requiresGradient) kernels.addScaled(gradientOf(input), dy, 1, input.size);
  });
}

/** x[R, D] / sqrt(mean(x²) + epsilon) · weight[D], row by row. */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  const [rows, width] = matrixSides(x);
  const y = result(x.shape, x, weight);
  const inverse = allocate(rows);
  kernels.rmsNormForward(y.address, inverse, x.address, weight.address, rows, width, epsilon);
  return record(y, (dy) => {
    const dWeight = weight.requiresGradient ? gradientOf(weight) : 0;
    kernels.rmsNormBackward(gradientOf(x), dWeight, dy, x.address, weight.address, inverse, rows, width);
  });
}

/** Heads and their size in a [rows, heads · headSize] matrix. */
export interface Heads {
  readonly heads: number;
  readonly headSize: number;
}

/** Rotary position embedding; row r has position firstPosition + r mod length. */
export function rope(x: Tensor, table: Address, length: number, { heads, headSize }: Heads, firstPosition = 0): Tensor {
  const [rows] = matrixSides(x);
  const y = result(x.shape, x);
  kernels.rope(y.address, x.address, table, rows, length, heads, headSize, firstPosition, 1, 0);
  return record(y, (dy) =>
    writeGradient(x, (dx, accumulate) =>
      kernels.rope(dx, dy, table, rows, length, heads, headSize, firstPosition, -1, accumulate),
    ),
  );
}

export interface AttentionShape {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly causal: boolean;
}

/** softmax(q·kᵀ / sqrt(headSize)) · v for q [B·T, heads·headSize] and k, v [B·T, kvHeads·headSize]. */
export function attention(q: Tensor, k: Tensor, v: Tensor, shape: AttentionShape): Tensor {
  const { batch, length, heads, kvHeads, headSize } = shape;
  const y = result(q.shape, q, k, v);
  const weights = allocate(batch * heads * length * length);
  kernels.attentionForward(
    y.address,
    weights,
    q.address,
    k.address,
    v.address,
    batch,
    length,
    length,
    length * kvHeads * headSize,
    heads,
    kvHeads,
    headSize,
    shape.causal ? 1 : 0,
  );
  return record(y, (dy) => {
    const scratch = allocate(length * length);
    kernels.attentionBackward(
      gradientOf(q),
      gradientOf(k),
      gradientOf(v),
      dy,
      weights,
      scratch,
      q.address,
      k.address,
      v.address,
      batch,
      length,
      length,
      heads,
      kvHeads,
      headSize,
    );
  });
}

/** gate · sigmoid(gate) · up. */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  const y = result(gate.shape, gate, up);
  kernels.swigluForward(y.address, gate.address, up.address, y.size);
  return record(y, (dy) => {
    const dGate = allocate(y.size);
    const dUp = allocate(y.size);
    kernels.swigluBackward(dGate, dUp, dy, gate.address, up.address, y.size);
    adopt(gate, dGate);
    adopt(up, dUp);
  });
}

/** Takes a freshly computed gradient over, or adds it to what is there. */
function adopt(tensor: Tensor, gradient: Address): void {
  if (!tensor.requiresGradient) return;
  if (tensor.gradientAddress === 0) tensor.gradientAddress = gradient;
  else kernels.addScaled(tensor.gradientAddress, gradient, 1, tensor.size);
}

/** The rows of a matrix with these numbers, in this order: an embedding look-up. */
export function rows(source: Tensor, index: ArrayLike<number>): Tensor {
  const [count, width] = matrixSides(source);
  for (let i = 0; i < index.length; i++) {
    const row = index[i];
    if (row === undefined || row < 0 || row >= count || !Number.isInteger(row))
      throw new RangeError(`Row ${row} of ${count} was asked for.`);
  }
  const y = result([index.length, width], source);
  const indexAddress = storeIntegers(index);
  kernels.gatherRows(y.address, source.address, indexAddress, index.length, width);
  return record(y, (dy) => kernels.scatterAddRows(gradientOf(source), dy, indexAddress, index.length, width));
}

/** A matrix of `count` rows that is zero except for x's rows, which land at these numbers. */
export function spreadRows(x: Tensor, index: ArrayLike<number>, count: number): Tensor {
  const [, width] = matrixSides(x);
  const y = result([count, width], x);
  const indexAddress = storeIntegers(index);
  kernels.fill(y.address, 0, y.size);
  kernels.scatterAddRows(y.address, x.address, indexAddress, index.length, width);
  return record(y, (dy) => {
    const dx = allocate(x.size);
    kernels.gatherRows(dx, dy, indexAddress, index.length, width);
    adopt(x, dx);
  });
}

/** -log softmax(logits[r])[target[r]] in nats, [R, 1]. The logits' memory is reused, so they can't be read afterwards. */
export function crossEntropy(logits: Tensor, targets: ArrayLike<number>): Tensor {
  const [count, vocabulary] = matrixSides(logits);
  const loss = result([count, 1], logits);
  const targetAddress = storeIntegers(targets);
  kernels.crossEntropyForward(loss.address, logits.address, targetAddress, count, vocabulary);
  return record(loss, (dLoss) => {
    kernels.crossEntropyBackward(logits.address, targetAddress, dLoss, count, vocabulary);
    logits.gradientAddress = logits.address;
  });
}
