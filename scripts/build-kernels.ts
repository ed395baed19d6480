import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const compiler = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
const source = "evaluators/embedded/kernels/index.ts";
const flags = [
  "-O3",
  "--enable",
  "simd",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--noExportMemory",
  "--use",
  "abort=",
];

/** Compiles the kernels to a file; the same sources and compiler version give the same bytes. */
export function buildKernels(outFile: string, moreFlags: readonly string[] = []): void {
  // The base folder is set and the source path is relative, so that no absolute path can reach the output.
  execFileSync(process.execPath, [compiler, source, "--outFile", outFile, ...flags, ...moreFlags], {
    cwd: root,
    stdio: "pipe",
  });
}

if (import.meta.main) buildKernels("evaluators/embedded/kernels.wasm");
