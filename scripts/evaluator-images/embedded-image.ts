import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BASE_ENTRIES } from "./base-entries.ts";
import { copyEntry, type ImageEntry, textEntry, treeEntries } from "./image-entry.ts";
import { type Image, imageOf } from "./image.ts";
import { writeLayer } from "./layer.ts";
import { sharedLibraries } from "./shared-libraries.ts";

export const EMBEDDED_TAG = "gradients/evaluator-embedded:local";

/** What the embedded evaluator imports. */
const PACKAGES = [
  "@huggingface/tokenizers",
  "@jitl/quickjs-wasmfile-release-sync",
  "fast-png",
  "quickjs-emscripten-core",
  "zod",
];

const manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/**
 * The embedded evaluator with this machine's Node on nothing else: no shell, no other program.
 *
 * @param folder where the layers are written
 * @throws {Error} where the project has not been built
 */
export async function embeddedImage(root: string, folder: string): Promise<Image> {
  const main = "dist/evaluators/embedded/main.js";
  if (!existsSync(join(root, main))) throw new Error(`there is no ${main}: run npm run build first`);
  const node = process.execPath;
  const runtime = [...BASE_ENTRIES, copyEntry("/usr/bin/node", node, 0o755), ...sharedLibraries([node])];
  const program = [
    copyEntry("/app/evaluators/embedded/kernels.wasm", join(root, "evaluators/embedded/kernels.wasm")),
    ...programEntries(root),
  ];
  const layers = [
    await writeLayer(join(folder, "node.tar"), runtime),
    await writeLayer(join(folder, "embedded.tar"), program),
  ];
  return imageOf(layers, {
    entrypoint: ["/usr/bin/node", `/app/${main}`],
    labels: { "dev.gradients.evaluator": "embedded" },
  });
}

/** The compiled evaluators and what they import, below /app. */
export function programEntries(root: string): readonly ImageEntry[] {
  const isCode = (path: string, isFolder: boolean): boolean => isFolder || path.endsWith(".js");
  return [
    textEntry("/app/package.json", `${JSON.stringify({ name: "gradients", type: "module" })}\n`),
    ...treeEntries("/app/dist/evaluators", join(root, "dist/evaluators"), { keep: isCode }),
    ...packageEntries(root, PACKAGES),
  ];
}

/** Packages and what they depend on, without types, source maps and documentation. */
function packageEntries(root: string, names: readonly string[]): readonly ImageEntry[] {
  const wanted = new Set(names);
  for (const name of wanted) {
    const text = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
    for (const dependency of Object.keys(manifest.parse(JSON.parse(text)).dependencies)) wanted.add(dependency);
  }
  const runs = (path: string, isFolder: boolean): boolean => isFolder || /\.(js|cjs|mjs|json|wasm)$/.test(path);
  return [...wanted].flatMap((name) =>
    treeEntries(`/app/node_modules/${name}`, join(root, "node_modules", name), { keep: runs }),
  );
}
