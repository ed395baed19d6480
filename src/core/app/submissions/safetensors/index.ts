/** Safetensors files as untrusted input: read once, streaming, with canonical digests. Base models use the same. */
export { DTYPE_BYTES, LENGTH_BYTES, parseHeader, parseHeaderLength, type Dtype, type TensorPlace } from "./header.ts";
export { readTensors, type TensorFact } from "./read-tensors.ts";
export { parseStrictJson } from "./strict-json.ts";
