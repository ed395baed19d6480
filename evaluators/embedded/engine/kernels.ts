/** A byte address in the engine's memory. */
export type Address = number;

/** The functions of kernels.wasm; what each computes is written at its source in ../kernels. */
export interface Kernels {
  gemm(
    rows: number,
    columns: number,
    depth: number,
    a: Address,
    aRow: number,
    aColumn: number,
    b: Address,
    bRow: number,
    bColumn: number,
    c: Address,
    cRow: number,
    accumulate: 0 | 1,
  ): void;
  attentionForward(
    out: Address,
    weights: Address,
    q: Address,
    k: Address,
    v: Address,
    batch: number,
    length: number,
    keys: number,
    kvStride: number,
    heads: number,
    kvHeads: number,
    headSize: number,
    causal: 0 | 1,
  ): void;
  attentionBackward(
    dq: Address,
    dk: Address,
    dv: Address,
    dOut: Address,
    weights: Address,
    scratch: Address,
    q: Address,
    k: Address,
    v: Address,
    batch: number,
    length: number,
    keys: number,
    heads: number,
    kvHeads: number,
    headSize: number,
  ): void;
  rmsNormForward(
    y: Address,
    inverse: Address,
    x: Address,
    weight: Address,
    rows: number,
    width: number,
    epsilon: number,
  ): void;
  rmsNormBackward(
    dx: Address,
    dWeight: Address,
    dy: Address,
    x: Address,
    weight: Address,
    inverse: Address,
    rows: number,
    width: number,
  ): void;
  ropeTable(table: Address, positions: number, headSize: number, theta: number): void;
  rope(
    out: Address,
    x: Address,
    table: Address,
    rows: number,
    length: number,
    heads: number,
    headSize: number,
    firstPosition: number,
    direction: 1 | -1,
    accumulate: 0 | 1,
  ): void;
  swigluForward(out: Address, gate: Address, up: Address, count: number): void;
  swigluBackward(dGate: Address, dUp: Address, dOut: Address, gate: Address, up: Address, count: number): void;
  crossEntropyForward(loss: Address, logits: Address, targets: Address, rows: number, vocabulary: number): void;
  crossEntropyBackward(logits: Address, targets: Address, dLoss: Address, rows: number, vocabulary: number): void;
  gatherRows(out: Address, source: Address, index: Address, rows: number, width: number): void;
  scatterAddRows(target: Address, source: Address, index: Address, rows: number, width: number): void;
  add(out: Address, a: Address, b: Address, count: number): void;
  addScaled(y: Address, x: Address, scale: number, count: number): void;
  fill(out: Address, value: number, count: number): void;
  scaleBy(x: Address, count: number, factor: number): void;
  sumOfSquares(x: Address, count: number): number;
  adamw(
    weights: Address,
    gradient: Address,
    firstMoment: Address,
    secondMoment: Address,
    count: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    mCorrection: number,
    vCorrection: number,
    gradientScale: number,
  ): void;
  heapStart(): Address;
  exp(x: number): number;
  log(x: number): number;
  log1p(x: number): number;
  cos(x: number): number;
}
