import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createLive, type LivePlugins } from "../../core/app/index.ts";
import type { PluginHost } from "../../core/contract/index.ts";
import type { Config } from "../../core/infra/config/index.ts";
import { findDevices } from "../../core/infra/devices/index.ts";
import { openScratchFolder } from "../../core/infra/scratch-folder.ts";
import { loadRegistry } from "../../load-registry.ts";
import { choicesOf } from "../../plugin-choices.ts";
import { failed, fine, SILENT, type Finding } from "./finding.ts";

/** The plugins with their options, the devices, and all that the chosen runner needs to evaluate on this machine. */
export async function evaluationFindings(config: Config): Promise<readonly Finding[]> {
  const devices = await devicesFinding(config);
  // Below the data folder, as a daemon on this machine must see what is put there.
  const scratch = await openScratchFolder(config.dataFolder);
  try {
    const live = await livePlugins(config, scratch);
    const { evalRunner } = config.plugins;
    const needs = await live.evalRunner.diagnose?.();
    return [
      fine("plugins", `${config.plugins.list.join(", ")}; evaluations by the runner ${evalRunner}`),
      devices,
      ...(needs ?? [fine("eval runner", `${evalRunner} does not tell what it needs`)]),
    ];
  } catch (error) {
    const found = error instanceof Error ? error.message.split("\n").join("; ") : String(error);
    return [
      failed("plugins", found, "mend GRADIENTS_PLUGINS, GRADIENTS_EVAL_RUNNER or GRADIENTS_PLUGIN_OPTIONS"),
      devices,
    ];
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function livePlugins(config: Config, scratch: string): Promise<LivePlugins> {
  const registry = await loadRegistry(config.plugins, SILENT);
  const folder = (...path: readonly string[]): string => {
    const made = join(scratch, ...path);
    mkdirSync(made, { recursive: true });
    return made;
  };
  const hostFor = (name: string): PluginHost => ({
    // Nothing that a plugin keeps shall change by being looked at.
    dataFolder: folder("data", name),
    scratchFolder: folder(name),
    log: SILENT,
    ledger: { append: () => Promise.reject(new Error("nothing is published here")) },
  });
  const live = createLive(registry, choicesOf(config.plugins), hostFor);
  if (!live.ok) throw new Error(live.error.map(({ message }) => message).join("\n"));
  return live.value;
}

async function devicesFinding({ devices }: Config): Promise<Finding> {
  const problems: string[] = [];
  const note = (message: string): void => void problems.push(message);
  const found = await findDevices(devices, { worker: "this-process", log: { ...SILENT, warn: note, error: note } });
  const list = found.map(({ uuid, model, memoryMiB }) => `${uuid} (${model}${memoryMiB ? `, ${memoryMiB} MiB` : ""})`);
  const text = list.join(", ") || "none: this process leaves evaluations to workers";
  if (problems.length === 0) return fine("devices", text);
  return failed(
    "devices",
    problems.join("; "),
    "mend the driver (nvidia-smi must answer), or change GRADIENTS_DEVICES",
  );
}
