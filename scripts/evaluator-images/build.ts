// Makes the evaluators' images on this machine, without a registry, and loads them into Docker: npm run evaluators:image
import Docker from "dockerode";
import { loadEmbeddedImage } from "./index.ts";

console.log(`embedded ${await loadEmbeddedImage(new Docker())}`);
