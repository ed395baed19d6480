import { access, constants, mkdir, statfs } from "node:fs/promises";
import type { Config } from "../../core/infra/config/index.ts";
import { createBaseModels } from "../../core/infra/models/index.ts";
import { examine, failed, fine, SILENT, type Finding } from "./finding.ts";

const GiB = 1024 ** 3;
/** One base model of some billions of parameters, or thousands of small adapters. */
const LEAST_FREE_BYTES = 10 * GiB;

/** The command line has found one that it can run on. */
export const nodeFinding = (): Finding => fine("node", `${process.version} (${process.platform} ${process.arch})`);

/** The data folder, which is made where there is none, and the room on its disk. */
export async function dataFolderFindings({ dataFolder }: Config): Promise<readonly Finding[]> {
  const remedy = "let this user write there, or choose another folder by GRADIENTS_DATA_FOLDER";
  const folder = await examine("data folder", remedy, async () => {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await access(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK);
    return dataFolder;
  });
  if (folder.status !== "ok") return [folder];
  const { bavail, bsize, blocks } = await statfs(dataFolder);
  const [free, all] = [bavail * bsize, blocks * bsize].map((bytes) => `${(bytes / GiB).toFixed(1)} GiB`);
  const found = `${free} of ${all} are free`;
  const enough = bavail * bsize >= LEAST_FREE_BYTES;
  return [
    folder,
    enough ? fine("disk", found) : failed("disk", found, "make room: models and datasets are kept there"),
  ];
}

export function modelsFinding({ modelsFolders }: Config): Promise<Finding> {
  const remedy = "put base models as <owner>/<name>/ into a folder of GRADIENTS_MODELS_FOLDERS";
  return examine("base models", remedy, async () => {
    const broken: string[] = [];
    const warn = (message: string, fields?: object): void => void broken.push(`${message} ${JSON.stringify(fields)}`);
    const models = await createBaseModels(modelsFolders, { ...SILENT, warn, error: warn }).list();
    if (broken.length > 0) throw new Error(broken.join("; "));
    if (models.length === 0) throw new Error(`there are none in ${modelsFolders.join(", ")}`);
    return models.map(({ repo }) => repo).join(", ");
  });
}
