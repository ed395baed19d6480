import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { type Image, imageArchive } from "./image.ts";

/** Makes an image and gives it to a Docker daemon, unless that has it already. Returns its id, `sha256:…`. */
export async function loadImage(
  docker: Docker,
  tag: string,
  make: (folder: string) => Promise<Image>,
): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "gradients-image-"));
  const image = await make(folder.path);
  if (!(await has(docker, image.id))) {
    const answer = await docker.loadImage(imageArchive(image, tag));
    let said = "";
    for await (const chunk of answer) said += String(chunk);
    if (!(await has(docker, image.id))) throw new Error(`Docker loaded ${tag}, but not as ${image.id}: ${said.trim()}`);
  }
  return image.id;
}

async function has(docker: Docker, id: string): Promise<boolean> {
  try {
    await docker.getImage(id).inspect();
    return true;
  } catch (error) {
    if (error instanceof Error && "statusCode" in error && error.statusCode === 404) return false;
    throw error;
  }
}
