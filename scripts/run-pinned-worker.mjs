// Starts a worker whose docker runner takes the image that EVALUATOR_TAG means right now (a tag may move, an id can't), and no
// more CPUs than there are.
import Docker from "dockerode";

const tag = process.env.EVALUATOR_TAG;
if (!tag) throw new Error("EVALUATOR_TAG must name an image of this machine's Docker daemon");
const options = JSON.parse(process.env.GRADIENTS_PLUGIN_OPTIONS ?? "{}");
const daemon = new Docker({ socketPath: "/var/run/docker.sock" });
const [{ Id: image }, { NCPU }] = await Promise.all([daemon.getImage(tag).inspect(), daemon.info()]);
// Docker refuses a container more than the machine has.
const cpus = Math.min(options.docker?.cpus ?? 1, NCPU);
process.env.GRADIENTS_PLUGIN_OPTIONS = JSON.stringify({ ...options, docker: { ...options.docker, image, cpus } });
console.error(`evaluations run in ${tag}, ${image}, on ${cpus} CPUs`);
process.argv.splice(2, Infinity, "worker");
await import(new URL("../dist/src/cli.js", import.meta.url));
