import type { ArtifactKind } from "../../../domain/index.ts";
import type { BaseModelInfo } from "../../ports.ts";
import { checkFiles } from "./check-files.ts";
import { inspectFull } from "./inspect-full.ts";
import { inspectLora } from "./inspect-lora.ts";
import type { Inspection } from "./inspection.ts";
import type { ModelFolder } from "./model-folder.ts";

const INSPECTORS: Readonly<Record<ArtifactKind, (folder: ModelFolder, base: BaseModelInfo) => Promise<Inspection>>> = {
  FULL: inspectFull,
  LORA: inspectLora,
};

/** All that can be said of a sealed model without running it: every file first, then the model that they make. */
export async function inspectModel(kind: ArtifactKind, folder: ModelFolder, base: BaseModelInfo): Promise<Inspection> {
  return (await checkFiles(folder, base)) ?? INSPECTORS[kind](folder, base);
}
