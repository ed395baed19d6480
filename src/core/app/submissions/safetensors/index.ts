/** Safetensors files as untrusted input: read once, streaming, with canonical digests. Base models use the same. */
export { LENGTH_BYTES, parseHeader, parseHeaderLength } from "./header.ts";
export { readTensors, type TensorFact } from "./read-tensors.ts";
