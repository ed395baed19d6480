import type { Arena, Outcome } from "./an-arena.ts";
import { endingAt } from "./attack.ts";

/** Announces files without having them. */
const announce =
  (files: readonly { readonly path: string; readonly bytes: number }[]) =>
  (arena: Arena): Promise<Outcome> =>
    arena.announce(files.map((file) => ({ ...file, sha256: "0".repeat(64) })));

const named = (path: string) => announce([config, { path, bytes: 10 }]);

const config = { path: "config.json", bytes: 10 };

/** Refused before a byte is sent. */
export const NAME_ATTACKS = [
  ...endingAt(
    { stage: "createUpload", code: "UPLOAD_FILE_REFUSED", blamed: "MINER" },
    {
      "a PyTorch pickle by its usual name": named("pytorch_model.bin"),
      "a checkpoint": named("model.ckpt"),
      "a Keras file": named("model.h5"),
      "a Python module": named("modeling_evil.py"),
      "a path out of the folder": named("../../etc/cron.d/evil"),
      "an absolute path": named("/etc/passwd"),
      "a path with backslashes": named("..\\..\\windows\\evil.json"),
      "a folder": named("sub/config.json"),
      "a hidden file": named(".ssh/authorized_keys"),
      "a NUL in a name": named("config.json\0.py"),
      "a line break in a name": named("config.json\n"),
      "a letter of another alphabet that looks alike": named("c\u043enfig.json"),
      "a right-to-left mark that turns a name around": named("model\u202Esrosnetefas.json"),
      "a combining mark behind a name": named("config.json\u0301"),
      "a full-width dot": named("config\uFF0Ejson"),
      "names that differ in case only": named("Config.json"),
      "digits of another alphabet in a shard's name": named(
        "model-\u0660\u0660\u0660\u0660\u0661-of-00002.safetensors",
      ),
      "a manifest that names a file twice": announce([config, config]),
      "10,000 tiny files": announce(
        Array.from({ length: 10_000 }, (_, index) => ({
          path: `model-${String(index).padStart(5, "0")}-of-10000.safetensors`,
          bytes: 1,
        })),
      ),
    },
  ),
  ...endingAt(
    { stage: "createUpload", code: "UPLOAD_TOO_LARGE", blamed: "MINER" },
    {
      "a gigantic declared size": announce([{ path: "model.safetensors", bytes: 1e15 }]),
      "declared sizes that overflow when they are added": announce([
        { path: "model.safetensors", bytes: Number.MAX_SAFE_INTEGER },
        { path: "config.json", bytes: Number.MAX_SAFE_INTEGER },
      ]),
    },
  ),
  ...endingAt(
    { stage: "createUpload", code: "INVALID_INPUT", blamed: "MINER" },
    {
      "a size below zero, to pay for a large one": announce([config, { path: "model.safetensors", bytes: -1e15 }]),
      "a size that is no number of bytes": announce([{ path: "config.json", bytes: 0.5 }]),
    },
  ),
];
