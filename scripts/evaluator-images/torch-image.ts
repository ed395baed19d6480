import { execFileSync } from "node:child_process";
import { globSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BASE_ENTRIES } from "./base-entries.ts";
import { programEntries } from "./embedded-image.ts";
import { copyEntry, type ImageEntry, textEntry, treeEntries } from "./image-entry.ts";
import { type Image, imageOf } from "./image.ts";
import { writeLayer } from "./layer.ts";
import { linkedFiles, sharedLibraries } from "./shared-libraries.ts";

export const TORCH_TAG = "gradients/evaluator-torch:cpu";

const PYTHON = "/opt/python";
const ENVIRONMENT = "/opt/evaluator";

const layout = z.object({
  /** The interpreter itself, no link to it. */
  program: z.string(),
  version: z.string(),
  standardLibrary: z.string(),
  packages: z.string(),
});
type Layout = z.output<typeof layout>;

const ASK = `
import json, os, sys, sysconfig
print(json.dumps({
    "program": os.path.realpath(sys.executable),
    "version": "%d.%d" % sys.version_info[:2],
    "standardLibrary": sysconfig.get_path("stdlib"),
    "packages": sysconfig.get_path("purelib"),
}))`;

/**
 * The evaluators in PyTorch for processors alone, from an environment of this machine (evaluators/torch/install.sh) and its
 * Python. What only a GPU needs is left out: of NVIDIA's libraries, those stay that PyTorch is linked with.
 *
 * @param folder where the layers are written, some 3 GB
 */
export async function torchImage(root: string, folder: string, python: string): Promise<Image> {
  const found = layout.parse(JSON.parse(execFileSync(python, ["-I", "-c", ASK], { encoding: "utf8" })));
  const layers = [
    await writeLayer(join(folder, "python.tar"), pythonEntries(found)),
    await writeLayer(join(folder, "packages.tar"), packageEntries(found)),
    await writeLayer(join(folder, "torch.tar"), [
      ...programEntries(root),
      ...treeEntries("/app/evaluators/torch", join(root, "evaluators/torch"), {
        keep: (path, isFolder) => (isFolder ? !path.endsWith("__pycache__") : path.endsWith(".py")),
      }),
    ]),
  ];
  return imageOf(layers, {
    entrypoint: [`${ENVIRONMENT}/bin/python`, "-I", "/app/evaluators/torch"],
    env: [`PATH=${ENVIRONMENT}/bin:/usr/bin`],
    labels: { "dev.gradients.evaluator": "torch-diffusion" },
  });
}

const UNUSED = /^(site-packages|dist-packages|test|idlelib|tkinter|turtledemo|ensurepip|lib2to3|config-.*)$/;

/** Python, Node for the sandbox of reward functions, and what both are linked with. */
function pythonEntries({ program, version, standardLibrary }: Layout): readonly ImageEntry[] {
  const name = `python${version}`;
  const extensions = globSync("lib-dynload/*.so", { cwd: standardLibrary }).map((file) => join(standardLibrary, file));
  return [
    ...BASE_ENTRIES,
    copyEntry(`${PYTHON}/bin/${name}`, program, 0o755),
    ...treeEntries(`${PYTHON}/lib/${name}`, standardLibrary, {
      keep: (path) => !UNUSED.test(path) && !path.endsWith("__pycache__"),
    }),
    copyEntry("/usr/bin/node", process.execPath, 0o755),
    ...sharedLibraries([program, process.execPath, ...extensions]),
  ];
}

/** Packages that only install others or compile for GPUs, and files that only a compiler reads. */
const LEFT_OUT =
  /^(pip|setuptools|_distutils_hack|distutils-precedence\.pth|triton)$|^torch\/(include|share|test)$|__pycache__$|\.(a|pyi|h|hpp|cuh)$/;

/** What NVIDIA's driver brings along, on machines that have one. */
const DRIVER: ReadonlySet<string> = new Set(["libcuda.so.1"]);

function packageEntries({ version, packages }: Layout): readonly ImageEntry[] {
  const own = realpathSync(packages);
  const linked = linkedFiles([join(own, "torch/lib/libtorch_python.so")]);
  const needed = new Set(linked.map((path) => realpathSync(path)));
  const keep = (path: string, isFolder: boolean): boolean =>
    isFolder || !path.startsWith("nvidia/") ? !LEFT_OUT.test(path) : needed.has(join(own, path));
  const name = `python${version}`;
  const libraries = globSync("**/*.so*", { cwd: own, exclude: ["nvidia/**", "triton/**"] });
  const outside = linkedFiles(
    libraries.map((file) => join(own, file)),
    DRIVER,
  ).filter((path) => !realpathSync(path).startsWith(own));
  return [
    textEntry(`${ENVIRONMENT}/pyvenv.cfg`, `home = ${PYTHON}/bin\ninclude-system-site-packages = false\n`),
    { kind: "link", path: `${ENVIRONMENT}/bin/python`, mode: 0o777, target: `${PYTHON}/bin/${name}` },
    ...treeEntries(`${ENVIRONMENT}/lib/${name}/site-packages`, own, { keep }),
    ...outside.map((path) => copyEntry(path, realpathSync(path), 0o755)),
  ];
}
