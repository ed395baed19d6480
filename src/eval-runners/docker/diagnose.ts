import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  introduceEvaluator,
  type Diagnosis,
  type EvaluatorProgram,
  type HelloResult,
} from "../../core/contract/index.ts";
import type { Daemon } from "./daemon.ts";
import type { DockerOptions } from "./options.ts";
import type { GpuRequest } from "./profile.ts";

export interface DiagnosedRunner {
  readonly daemon: Daemon;
  readonly options: DockerOptions;
  readonly scratchFolder: string;
  start(request: {
    readonly taskId: string;
    readonly imageId: string;
    readonly session: string;
    readonly base: string;
    readonly gpus: GpuRequest;
  }): EvaluatorProgram;
}

/** Asks the daemon for all that evaluations need, and runs the evaluator once without and once with GPUs. */
export async function diagnoseDocker(runner: DiagnosedRunner): Promise<readonly Diagnosis[]> {
  const found: Diagnosis[] = [];
  const daemon = await daemonAnswers(runner);
  found.push(...daemon);
  if (daemon.some(({ status }) => status === "failed")) return found;
  const { image } = runner.options;
  try {
    const { Id: imageId } = await runner.daemon.inspectImage(image);
    found.push(fine("evaluator image", imageId));
    found.push(await evaluatorRuns(runner, imageId));
    found.push(await gpusAnswer(runner, imageId));
  } catch (error) {
    found.push(failed("evaluator image", reason(error), `load it (npm run evaluators:image) or docker pull ${image}`));
  }
  return found;
}

async function daemonAnswers({ daemon, options }: DiagnosedRunner): Promise<readonly Diagnosis[]> {
  try {
    const { version, apiVersion, cpus, memory, runtimes } = await daemon.info();
    const size = `${cpus} CPUs, ${gibibytes(memory)} GiB`;
    const known = runtimes.includes(options.runtime);
    return [
      fine("docker daemon", `${version} (API ${apiVersion}) at ${options.daemon}, ${size}`),
      known
        ? fine("docker runtime", options.runtime)
        : failed(
            "docker runtime",
            `the daemon has ${runtimes.join(", ")}, not ${options.runtime}`,
            "install it there and name it in daemon.json, or change the option runtime",
          ),
      options.cpus <= cpus && options.memory <= memory
        ? fine("container size", `${options.cpus} CPUs, ${gibibytes(options.memory)} GiB`)
        : failed(
            "container size",
            `${options.cpus} CPUs and ${gibibytes(options.memory)} GiB are asked for, the machine has ${size}`,
            "lower the options cpus and memory",
          ),
    ];
  } catch (error) {
    const remedy = "install Docker (apt install docker.io), start it, and let this user use its socket";
    return [failed("docker daemon", reason(error), remedy)];
  }
}

async function evaluatorRuns(runner: DiagnosedRunner, imageId: string): Promise<Diagnosis> {
  try {
    return fine("evaluator in a container", describe(await probe(runner, imageId, [])));
  } catch (error) {
    const remedy = "run the image by hand; the options command, memory and folders must fit it";
    return failed("evaluator in a container", reason(error), remedy);
  }
}

async function gpusAnswer(runner: DiagnosedRunner, imageId: string): Promise<Diagnosis> {
  const name = "GPUs in containers";
  const { gpus } = runner.options;
  try {
    return fine(name, describe(await probe(runner, imageId, gpus === "none" ? "all" : gpus)));
  } catch (error) {
    const remedy = "install the NVIDIA driver and the NVIDIA Container Toolkit, then restart the daemon";
    if (gpus !== "none") return failed(name, reason(error), remedy);
    return { name, status: "absent", found: `none; tasks for GPUs wait for another worker`, remedy };
  }
}

const describe = ({ evaluator, device, libraries }: HelloResult): string =>
  `${evaluator} on ${device} (${Object.entries(libraries)
    .map(([library, version]) => `${library} ${version}`)
    .join(", ")})`;

/** One container of the hardened profile over empty folders, whose evaluator only says what it is. */
async function probe(runner: DiagnosedRunner, imageId: string, gpus: GpuRequest): Promise<HelloResult> {
  const session = await mkdtemp(join(runner.scratchFolder, "probe-"));
  try {
    await chmod(session, 0o755);
    const base = join(session, "base");
    await mkdir(base);
    const start = () => runner.start({ taskId: "probe", imageId, session, base, gpus });
    return await introduceEvaluator(start, runner.options);
  } finally {
    await rm(session, { recursive: true, force: true });
  }
}

const fine = (name: string, found: string): Diagnosis => ({ name, status: "ok", found, remedy: null });
const failed = (name: string, found: string, remedy: string): Diagnosis => ({ name, status: "failed", found, remedy });
const gibibytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1);
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
