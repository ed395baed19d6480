// Starts a worker whose docker runner takes the image that EVALUATOR_TAG means right now: a tag may move, an id can't.
import Docker from "dockerode";

const tag = process.env.EVALUATOR_TAG;
if (!tag) throw new Error("EVALUATOR_TAG must name an image of this machine's Docker daemon");
const options = JSON.parse(process.env.GRADIENTS_PLUGIN_OPTIONS ?? "{}");
const { Id: image } = await new Docker({ socketPath: "/var/run/docker.sock" }).getImage(tag).inspect();
process.env.GRADIENTS_PLUGIN_OPTIONS = JSON.stringify({ ...options, docker: { ...options.docker, image } });
console.error(`evaluations run in ${tag}, ${image}`);
process.argv.splice(2, Infinity, "worker");
await import(new URL("../dist/src/cli.js", import.meta.url));
