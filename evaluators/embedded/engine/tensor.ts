import type { Address } from "./kernels.ts";
import { allocate, floats, kernels } from "./memory.ts";

export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** A row-major f32 array in the engine's memory, with a gradient of the same size once one is asked for. */
export class Tensor {
  readonly address: Address;
  readonly shape: Shape;
  readonly size: number;
  readonly requiresGradient: boolean;
  /** 0 until a gradient has been written. */
  gradientAddress: Address = 0;

  constructor(address: Address, shape: Shape, requiresGradient: boolean) {
    this.address = address;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.requiresGradient = requiresGradient;
  }

  /** A view of the values; do not hold it over an allocation. */
  get data(): Float32Array<ArrayBuffer> {
    return floats(this.address, this.size);
  }

  /** A view of the gradient (zeros where nothing has flowed yet); do not hold it over an allocation. */
  get gradient(): Float32Array<ArrayBuffer> {
    return floats(gradientOf(this), this.size);
  }
}

/** Address of a tensor's gradient, allocated and zeroed on first use: for kernels that add. */
export function gradientOf(tensor: Tensor): Address {
  if (tensor.gradientAddress === 0) {
    const address = allocate(tensor.size);
    kernels.fill(address, 0, tensor.size);
    tensor.gradientAddress = address;
  }
  return tensor.gradientAddress;
}

/** Lets `write` set (accumulate 0) or add to (accumulate 1) a tensor's gradient, whichever saves a pass over it. */
export function writeGradient(tensor: Tensor, write: (gradient: Address, accumulate: 0 | 1) => void): void {
  if (tensor.gradientAddress !== 0) write(tensor.gradientAddress, 1);
  else {
    tensor.gradientAddress = allocate(tensor.size);
    write(tensor.gradientAddress, 0);
  }
}

/** A tensor outside any tape; a trainable one keeps its gradient, zeroed, until an optimiser consumes it. */
export function param(shape: Shape, values?: ArrayLike<number>, requiresGradient = true): Tensor {
  const tensor = new Tensor(allocate(sizeOf(shape)), shape, requiresGradient);
  if (values === undefined) kernels.fill(tensor.address, 0, tensor.size);
  else if (values.length === tensor.size) tensor.data.set(values);
  else throw new RangeError(`Shape [${shape.join(", ")}] holds ${tensor.size} numbers, got ${values.length}.`);
  if (requiresGradient) gradientOf(tensor);
  return tensor;
}

type Backward = () => void;
let tape: Backward[] | undefined;

/** Starts recording the operations that follow, for one call of `backward`. */
export function begin(): void {
  tape = [];
}

/** Runs the recorded operations backwards from the gradients set with `seed`, and ends the recording. */
export function backward(): void {
  const recorded = tape;
  if (recorded === undefined) throw new Error("backward() without begin().");
  tape = undefined;
  for (const step of recorded.reverse()) step();
}

/** Runs `body` without recording. */
export function noGrad<T>(body: () => T): T {
  const outer = tape;
  tape = undefined;
  try {
    return body();
  } finally {
    tape = outer;
  }
}

/** Sets dL/dtensor, from which `backward` starts. */
export function seed(tensor: Tensor, gradient: ArrayLike<number>): void {
  tensor.gradient.set(gradient);
}

/** A new tensor for an operation's result; it needs a gradient when recording and any input does. */
export function result(shape: Shape, ...inputs: readonly Tensor[]): Tensor {
  const recording = tape !== undefined && inputs.some((input) => input.requiresGradient);
  return new Tensor(allocate(sizeOf(shape)), shape, recording);
}

/** Records how `output`'s gradient flows to its inputs; skipped when nothing flowed into `output`. */
export function record(output: Tensor, flow: (gradient: Address) => void): Tensor {
  if (output.requiresGradient) {
    tape?.push(() => {
      if (output.gradientAddress !== 0) flow(output.gradientAddress);
    });
  }
  return output;
}
