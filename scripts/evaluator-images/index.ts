import { fileURLToPath } from "node:url";
import type Docker from "dockerode";
import { EMBEDDED_TAG, embeddedImage } from "./embedded-image.ts";
import { loadImage } from "./load-image.ts";
import { TORCH_TAG, torchImage } from "./torch-image.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Gives the embedded evaluator's image to a daemon, made from dist/ without a registry. Returns its id, `sha256:…`. */
export function loadEmbeddedImage(docker: Docker): Promise<string> {
  return loadImage(docker, EMBEDDED_TAG, (folder) => embeddedImage(ROOT, folder));
}

/** The same for the evaluators in PyTorch on processors, from a Python that has their packages. */
export function loadTorchImage(docker: Docker, python: string): Promise<string> {
  return loadImage(docker, TORCH_TAG, (folder) => torchImage(ROOT, folder, python));
}
