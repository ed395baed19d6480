import { setTimeout as pause } from "node:timers/promises";
import type { ContainerInspectInfo } from "dockerode";
import type { ProgramEnd } from "../../core/contract/index.ts";
import type { Daemon } from "./daemon.ts";
import type { DockerOptions } from "./options.ts";

/** 128 and the signal's number. */
const SIGKILLED = 137;
const SIGTERMED = 143;

const POLL_MS = 20;
/** The daemon notes a signal only after it has sent it, and by then the container may have ended. */
const NOTED_WITHIN_MS = 1000;

type Asked = Pick<Daemon, "remember"> & {
  inspect(name: string): Promise<{ readonly State: State }>;
};
type State = Pick<ContainerInspectInfo["State"], "Running" | "OOMKilled" | "ExitCode" | "StartedAt" | "FinishedAt">;

/**
 * What became of a container whose output has ended, from what the kernel and the daemon know of it: nothing that the
 * program prints or returns can pass for a fault of the infrastructure.
 *
 * @throws {InfrastructureError} where the daemon can't be asked.
 */
export async function whyItEnded(
  daemon: Asked,
  name: string,
  { memory, deadlines }: Pick<DockerOptions, "memory" | "deadlines">,
): Promise<ProgramEnd> {
  const state = await stateAtEnd(daemon, name, deadlines.stopMs);
  if (state === null) {
    const how = "went on running after its output had ended";
    return { how, code: "EVALUATOR_PROTOCOL", blameless: false };
  }
  const exitCode = state.ExitCode;
  // Only a child may have been the victim, and the program may have coped: it ended well then.
  if (state.OOMKilled && exitCode !== 0) {
    const how = `needed more memory than its ${memory} bytes`;
    return { how, code: "EVALUATOR_OUT_OF_MEMORY", blameless: false };
  }
  if (exitCode === SIGKILLED || exitCode === SIGTERMED) {
    // A program can end with these codes by itself; only the daemon's own record tells that somebody ended it. A daemon that
    // knows nothing of the end was started after it: the one before it has ended its containers.
    const { signals, sawItsEnd } = await daemon.remember(name, new Date(state.StartedAt), soonAfter(state.FinishedAt));
    const by = signals > 0 ? "by somebody through the Docker daemon" : sawItsEnd ? null : "with its Docker daemon";
    if (by !== null) return { how: `was ended ${by}`, code: "EVALUATOR_KILLED", blameless: true };
  }
  return { how: `ended with exit code ${exitCode}`, code: "EVALUATOR_CRASHED", blameless: false };
}

/**
 * Null where it still runs after that time. The daemon is asked again and again instead of once to wait: a daemon that dies
 * while it holds such a request leaves the one who asked without an answer.
 */
async function stateAtEnd(daemon: Asked, name: string, ms: number): Promise<State | null> {
  for (const until = performance.now() + ms; performance.now() < until; await pause(POLL_MS)) {
    const { State } = await daemon.inspect(name);
    if (!State.Running) return State;
  }
  return null;
}

const soonAfter = (time: string): Date => new Date(Date.parse(time) + NOTED_WITHIN_MS);
