// Makes the evaluators' images on this machine, without a registry, and loads them into Docker: npm run evaluators:image
// With a Python that has PyTorch the second one too: npm run evaluators:image -- .venv/bin/python
import Docker from "dockerode";
import { loadEmbeddedImage, loadTorchImage } from "./index.ts";

const docker = new Docker();
console.log(`embedded ${await loadEmbeddedImage(docker)}`);
const [python] = process.argv.slice(2);
if (python !== undefined) console.log(`torch ${await loadTorchImage(docker, python)}`);
