import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { check, type Check, type Skip } from "./check.ts";
import { startEvaluatorProgram, type EvaluatorDriver, type FinalAnswer } from "./evaluator-driver.ts";

interface Model {
  readonly path: string;
  readonly artifactKind: string;
}

/** Files in the session folder for one objective; all paths are relative to it. */
export interface EvaluatorWorld {
  readonly base: { readonly path: string; readonly names?: readonly string[] };
  /** At least two sets. */
  readonly datasets: Readonly<Record<string, string>>;
  readonly objective: { readonly name: string; readonly options: object };
  readonly contextLength: number;
  readonly seed: string;
  readonly good: Model;
  /** Models that are the submission's fault, with the code that says how. */
  readonly bad: readonly (Model & { readonly code: string })[];
}

export interface EvaluatorCases {
  /** Writes the files; called once. */
  arrange(folder: string): Promise<EvaluatorWorld> | EvaluatorWorld;
  /** What `evaluate` must answer for all sets. */
  readonly result: z.ZodType;
  readonly skip?: readonly Skip[];
}

const helloResult = z.strictObject({
  protocol: z.literal(1),
  evaluator: z.string().min(1),
  device: z.string().min(1),
  libraries: z.record(z.string(), z.string()),
  objectives: z.array(z.string()).min(1),
});

/** All that docs/evaluator-protocol.md asks of a program; each check starts it anew and throws when it does not hold. */
export function evaluatorChecks(command: readonly string[], cases: EvaluatorCases): readonly Check[] {
  const programCheck = (name: string, run: (program: EvaluatorDriver, world: EvaluatorWorld) => Promise<void>) =>
    check(name, async () => {
      const folder = await mkdtemp(join(tmpdir(), "gradients-evaluator-"));
      try {
        const world = await cases.arrange(folder);
        await using program = startEvaluatorProgram(command, folder);
        await run(program, world);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  const openCheck = (name: string, run: (program: EvaluatorDriver, world: EvaluatorWorld) => Promise<void>) =>
    programCheck(name, async (program, world) => {
      assertResult(await program.ask({ id: 1, type: "open", ...openBody(world) }));
      await run(program, world);
    });
  const parseSets = (answer: FinalAnswer) =>
    z.object({ sets: z.record(z.string(), z.json()) }).parse(assertResult(answer)).sets;
  return [
    programCheck("says hello before anything else", async (program, { objective }) => {
      const hello = helloResult.parse(assertResult(await program.ask({ id: "first", type: "hello", protocol: 1 })));
      assert(hello.objectives.includes(objective.name), `it must list the objective ${objective.name}`);
    }),
    openCheck(
      "evaluates the base and a submission, with progress that ends at its total",
      async (program, { good }) => {
        for (const [id, submission] of [
          [2, null],
          [3, good],
        ] as const) {
          const answer = await program.ask(evaluate(id, { submission }));
          cases.result.parse(assertResult(answer));
          const last = answer.progress.at(-1);
          assert(
            answer.progress.every(
              ({ done, total }, index, all) => done <= total && done >= (all[index - 1]?.done ?? 0),
            ),
            "progress must grow",
          );
          assert(last === undefined || last.done === last.total, "progress must end at its total");
        }
      },
    ),
    openCheck("gives the same losses again, and after other submissions", async (program, { good, bad }) => {
      const first = parseSets(await program.ask(evaluate(2, { submission: good })));
      for (const [index, { path, artifactKind }] of bad.entries()) {
        await program.ask(evaluate(10 + index, { submission: { path, artifactKind } }));
      }
      await program.ask(evaluate(3, { submission: null }));
      assert.deepEqual(parseSets(await program.ask(evaluate(4, { submission: good }))), first);
    }),
    openCheck("evaluates the sets that are asked for, all by default", async (program, { datasets }) => {
      const [some = ""] = Object.keys(datasets);
      assert.deepEqual(Object.keys(parseSets(await program.ask(evaluate(2, { submission: null, sets: [some] })))), [
        some,
      ]);
      assert.deepEqual(
        Object.keys(parseSets(await program.ask({ id: 3, type: "evaluate", submission: null }))).toSorted(),
        Object.keys(datasets).toSorted(),
      );
    }),
    openCheck("blames bad submissions by code and goes on", async (program, { bad, good }) => {
      assert(bad.length > 0, "the cases need at least one bad submission");
      for (const [index, { code, ...submission }] of bad.entries()) {
        assertError(await program.ask(evaluate(2 + index, { submission })), "submission", code);
      }
      assertResult(await program.ask(evaluate(100, { submission: good })));
    }),
    openCheck("refuses paths that leave the session folder", async (program) => {
      for (const path of ["/etc", "../outside", "submissions/../../outside"]) {
        assertError(
          await program.ask(evaluate(2, { submission: { path, artifactKind: "FULL" } })),
          "infrastructure",
          "BAD_PATH",
        );
      }
    }),
    openCheck("refuses a second open and sets that were not opened", async (program, world) => {
      assertError(await program.ask({ id: 2, type: "open", ...openBody(world) }), "infrastructure", "BAD_REQUEST");
      assertError(
        await program.ask(evaluate(3, { submission: null, sets: ["unknown"] })),
        "infrastructure",
        "BAD_REQUEST",
      );
    }),
    programCheck("refuses lines that are no request and goes on", async (program) => {
      for (const line of ["this is not JSON", "[]", `{"type":"hello"}`]) {
        program.write(`${line}\n`);
        const answer = await program.next();
        assertError(answer, "infrastructure", "BAD_REQUEST");
        assert.equal(answer.id, null);
      }
      for (const body of [
        { type: "train" },
        { type: "hello" },
        { type: "hello", protocol: 2 },
        { type: "hello", protocol: 1, more: 1 },
        { type: "evaluate", submission: null },
      ]) {
        assertError(await program.ask({ id: 7, ...body }), "infrastructure", "BAD_REQUEST");
      }
      assertResult(await program.ask({ id: 8, type: "hello", protocol: 1 }));
    }),
    programCheck("says what is wrong with the base, a set or the objective", async (program, world) => {
      const open = openBody(world);
      const [some = ""] = Object.keys(world.datasets);
      const refusals = [
        ["UNKNOWN_OBJECTIVE", { ...open, objective: { name: "guess-the-weather", options: {} } }],
        ["BAD_BASE", { ...open, base: { path: "there-is-no-base" } }],
        ["BAD_DATASET", { ...open, datasets: { [some]: "there-is-no-set.jsonl" } }],
        ["BAD_PATH", { ...open, base: { path: "../outside" } }],
      ] as const;
      for (const [code, body] of refusals)
        assertError(await program.ask({ id: 2, type: "open", ...body }), "infrastructure", code);
    }),
    programCheck("answers requests that wait in line in their order", async (program, world) => {
      const requests = [
        { id: 1, type: "open", ...openBody(world) },
        evaluate(2, { submission: null }),
        evaluate("three", { submission: world.good }),
        { id: 4, type: "close" },
      ];
      program.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
      for (const { id } of requests) assert.equal((await program.next()).id, id);
      assert.equal(await program.exited, 0);
    }),
    programCheck("takes a request in pieces", async (program) => {
      const line = JSON.stringify({ id: "ünïcödé", type: "hello", protocol: 1 });
      program.write(`\n  \n${line.slice(0, 10)}`);
      program.write(`${line.slice(10)}\n`);
      assert.equal((await program.next()).id, "ünïcödé");
    }),
    programCheck("gives up on a line of more than 1 MiB", async (program) => {
      program.write("x".repeat(1024 * 1024 + 10));
      const answer = await program.next();
      assertError(answer, "infrastructure", "BAD_REQUEST");
      assert.equal(await program.exited, 1);
    }),
    programCheck("ends with code 0 when its input ends, in the middle of an evaluation too", async (program, world) => {
      program.write(
        `${JSON.stringify({ id: 1, type: "open", ...openBody(world) })}\n${JSON.stringify(evaluate(2, { submission: world.good }))}\n`,
      );
      program.endInput();
      assert.equal(await program.exited, 0);
    }),
  ];
}

const evaluate = (
  id: number | string,
  body: { readonly submission: Model | null; readonly sets?: readonly string[] },
) => ({ id, type: "evaluate", ...body });

function openBody({ base, datasets, objective, contextLength, seed }: EvaluatorWorld) {
  return { base, datasets, objective, contextLength, seed };
}

function assertResult(answer: FinalAnswer): unknown {
  if (answer.type === "error") assert.fail(`expected a result, found the error ${answer.code}: ${answer.message}`);
  return answer.result;
}

function assertError(answer: FinalAnswer, cause: "submission" | "infrastructure", code: string): void {
  assert(answer.type === "error", `expected the error ${code}, found a result`);
  assert.deepEqual({ cause: answer.cause, code: answer.code }, { cause, code }, answer.message);
}
