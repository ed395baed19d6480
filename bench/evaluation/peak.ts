import { execFileSync } from "node:child_process";
import { linear, mark, noGrad, param, release } from "../../evaluators/embedded/engine/index.ts";

const ROWS = 512;
const SIDE = 1024;
const ROUNDS = 5;

/** Multiplications and additions a second in the embedded engine's own matrix products, one core. */
export function enginePeak(): number {
  const start = mark();
  const x = param([ROWS, SIDE], new Float32Array(ROWS * SIDE).fill(0.5), false);
  const weight = param([SIDE, SIDE], new Float32Array(SIDE * SIDE).fill(0.5), false);
  const inner = mark();
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    noGrad(() => linear(x, weight));
    best = Math.min(best, performance.now() - startedAt);
    release(inner);
  }
  release(start);
  return (2 * ROWS * SIDE * SIDE) / (best / 1000);
}

const PROGRAM = `
import time, torch
gpu = torch.cuda.is_available()
side, dtype, device = (8192, torch.bfloat16, "cuda") if gpu else (1024, torch.float32, "cpu")
a = torch.ones(side, side, dtype=dtype, device=device)
best = float("inf")
for _ in range(10):
    started = time.perf_counter()
    a @ a
    if gpu: torch.cuda.synchronize()
    best = min(best, time.perf_counter() - started)
print(2 * side**3 / best)
`;

/** The same of PyTorch on its device: bfloat16 on a GPU, float32 on the processor. */
export function torchPeak(python: string): number {
  return Number(execFileSync(python, ["-I", "-c", PROGRAM], { encoding: "utf8" }));
}
