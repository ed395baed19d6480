import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { BaseModelInfo } from "../../app/ports.ts";
import { LENGTH_BYTES, parseHeader, parseHeaderLength, readTensors } from "../../app/submissions/safetensors/index.ts";
import { digestFile, revisionOf, type FoundFile } from "./model-files.ts";
import { readLayout } from "./model-layout.ts";

/** What the output layer is called; where it is tied it may be stored a second time. */
const OUTPUT_TENSOR = "lm_head.weight";

/**
 * Reads a model in the Hugging Face layout, or a pipeline of diffusers.
 *
 * @throws {Error} that says which file is wrong, and how.
 */
export async function readModel(repo: string, path: string, found: readonly FoundFile[]): Promise<BaseModelInfo> {
  const { config, contextLength, weights } = await readLayout(path, found);
  const parameterCount = await countParameters(weights, config["tie_word_embeddings"] === true);
  const files = await Promise.all(found.map(digestFile));
  let digests: ReturnType<BaseModelInfo["tensorDigests"]> | undefined;
  return {
    repo,
    revision: revisionOf(files),
    parameterCount,
    contextLength,
    path,
    files,
    config,
    tensorDigests: () => (digests ??= digestTensors(weights)),
  };
}

/** From the headers alone; a tied output layer is the embedding once more and does not count. */
async function countParameters(weights: readonly FoundFile[], tied: boolean): Promise<number> {
  let total = 0;
  for (const file of weights) {
    for (const { name, shape } of await readHeader(file)) {
      if (!(tied && name === OUTPUT_TENSOR)) total += shape.reduce((product, side) => product * side, 1);
    }
  }
  return total;
}

async function readHeader({ absolute, path, bytes }: FoundFile) {
  const file = await open(absolute);
  try {
    const start = await readAt(file, 0, LENGTH_BYTES);
    const length = parseHeaderLength(start, bytes);
    if (!length.ok) throw new Error(`${path}: ${length.error}`);
    const header = parseHeader(await readAt(file, LENGTH_BYTES, length.value), bytes - LENGTH_BYTES - length.value);
    if (!header.ok) throw new Error(`${path}: ${header.error}`);
    return header.value;
  } finally {
    await file.close();
  }
}

async function readAt(file: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function digestTensors(weights: readonly FoundFile[]) {
  const digests = new Map<string, { shape: readonly number[]; dtype: string; sha256: string }>();
  for (const { absolute, path, bytes } of weights) {
    const tensors = await readTensors(createReadStream(absolute), bytes);
    if (!tensors.ok) throw new Error(`${path}: ${tensors.error}`);
    for (const { name, shape, dtype, sha256 } of tensors.value) digests.set(name, { shape, dtype, sha256 });
  }
  return digests;
}
