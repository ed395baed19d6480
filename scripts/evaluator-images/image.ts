import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import type { Layer } from "./layer.ts";

/** How an image starts its program. */
export interface ImageSettings {
  readonly entrypoint: readonly string[];
  readonly env?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** An image that Docker has not seen yet. */
export interface Image {
  /** What Docker will call it: `sha256:` and the digest of its configuration. */
  readonly id: string;
  readonly config: string;
  readonly layers: readonly Layer[];
}

/** Where runners mount the session folder; evaluators take their working directory for it. */
export const SESSION_FOLDER = "/session";

/** A user that owns nothing. */
export const USER = "65532:65532";

const EPOCH = "1970-01-01T00:00:00Z";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** An image of these layers, from the bottom up; the same layers and settings always give the same id. */
export function imageOf(layers: readonly Layer[], { entrypoint, env = [], labels }: ImageSettings): Image {
  const config = JSON.stringify({
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: "linux",
    created: EPOCH,
    config: { User: USER, WorkingDir: SESSION_FOLDER, Entrypoint: entrypoint, Env: env, Labels: labels },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created: EPOCH, created_by: "scripts/evaluator-images" })),
  });
  return { id: `sha256:${digest(config)}`, config, layers };
}

/** The image as `docker save` would write it. */
export function imageArchive(image: Image, tag: string): Readable {
  const archive = pack();
  const name = image.id.replace("sha256:", "");
  const fileOf = ({ diffId }: Layer): string => `${diffId.replace("sha256:", "")}.tar`;
  const manifest = [{ Config: `${name}.json`, RepoTags: [tag], Layers: image.layers.map(fileOf) }];
  const write = async (): Promise<void> => {
    archive.entry({ name: `${name}.json`, mtime: new Date(0) }, image.config);
    for (const layer of image.layers) {
      const entry = archive.entry({ name: fileOf(layer), mtime: new Date(0), size: layer.bytes });
      await pipeline(createReadStream(layer.file), entry);
    }
    archive.entry({ name: "manifest.json", mtime: new Date(0) }, JSON.stringify(manifest));
    archive.finalize();
  };
  write().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(archive);
}
