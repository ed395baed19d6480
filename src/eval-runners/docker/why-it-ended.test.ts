import { describe, expect, it } from "vitest";
import { whyItEnded } from "./why-it-ended.ts";

const limits = { memory: 1000, deadlines: { callMs: 50, createMs: 50, startMs: 50, stopMs: 50, removeMs: 50 } };
const ended = {
  Running: false,
  OOMKilled: false,
  ExitCode: 0,
  StartedAt: "2026-01-01T12:00:00.123456789Z",
  FinishedAt: "2026-01-01T12:00:05.987654321Z",
};

/** Why a container in this state ended, where somebody signalled it so often through the daemon. */
const why = (state: Partial<typeof ended>, signals = 0, sawItsEnd = true) =>
  whyItEnded(
    { inspect: async () => ({ State: { ...ended, ...state } }), remember: async () => ({ signals, sawItsEnd }) },
    "container",
    limits,
  );

describe("whyItEnded", () => {
  it.each([
    ["a crash, by its exit code", { ExitCode: 1 }, 0, "EVALUATOR_CRASHED", false],
    ["a clean end in the middle", { ExitCode: 0 }, 0, "EVALUATOR_CRASHED", false],
    ["memory that ran out", { ExitCode: 137, OOMKilled: true }, 0, "EVALUATOR_OUT_OF_MEMORY", false],
    ["a child's memory that ran out, and a clean end", { OOMKilled: true }, 0, "EVALUATOR_CRASHED", false],
    ["somebody's kill through the daemon", { ExitCode: 137 }, 1, "EVALUATOR_KILLED", true],
    ["somebody's stop through the daemon", { ExitCode: 143 }, 2, "EVALUATOR_KILLED", true],
    ["an exit code that only looks like a kill", { ExitCode: 137 }, 0, "EVALUATOR_CRASHED", false],
    ["a crash of a container that was signalled before", { ExitCode: 1 }, 1, "EVALUATOR_CRASHED", false],
    ["an end of the output alone", { Running: true }, 0, "EVALUATOR_PROTOCOL", false],
  ])("knows %s", async (_, state, signals, code, blameless) => {
    expect(await why(state, signals)).toMatchObject({ code, blameless });
  });

  it("blames nobody for an end that the daemon has not seen: it was started since", async () => {
    expect(await why({ ExitCode: 137 }, 0, false)).toEqual({
      how: "was ended with its Docker daemon",
      code: "EVALUATOR_KILLED",
      blameless: true,
    });
  });

  it("asks for signals from the container's start to a second after its end: the daemon notes them late", async () => {
    const asked: Date[] = [];
    const remember = async (_name: string, from: Date, to: Date) => {
      asked.push(from, to);
      return { signals: 0, sawItsEnd: true };
    };
    await whyItEnded({ inspect: async () => ({ State: { ...ended, ExitCode: 137 } }), remember }, "container", limits);
    expect(asked.map((time) => time.toISOString())).toEqual(["2026-01-01T12:00:00.123Z", "2026-01-01T12:00:06.987Z"]);
  });
});
