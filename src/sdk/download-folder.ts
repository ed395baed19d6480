import { resolve, sep } from "node:path";
import type { RetryOptions } from "./backoff.ts";
import type { GradientsClient } from "./client.ts";
import { downloadFile } from "./download-file.ts";
import { mayPass, RequestError } from "./errors.ts";

/** A file behind a signed link. */
export interface SignedFile {
  /** Where it goes, below the folder. */
  readonly path: string;
  readonly sha256: string;
  readonly url: string;
}

export interface FolderDownload<File extends SignedFile> {
  readonly client: GradientsClient;
  readonly folder: string;
  readonly files: readonly File[];
  /** A fresh link for the file: signed ones expire. */
  readonly renewUrl: (file: File) => Promise<string>;
  /** Told how many bytes of a file have arrived. */
  readonly onBytes?: (file: File, received: number) => void;
}

/**
 * Fetches files into a folder, each with the right sha256; those that are there already are kept.
 *
 * @throws RequestError, ConnectionError
 */
export async function downloadFolder<File extends SignedFile>(
  { client, folder, files, renewUrl, onBytes }: FolderDownload<File>,
  retry: RetryOptions,
): Promise<void> {
  for (const file of files) {
    const download = {
      base: client.url,
      target: inside(folder, file.path),
      sha256: file.sha256,
      fetch: client.fetch,
      onBytes: (received: number) => onBytes?.(file, received),
    };
    try {
      await downloadFile({ ...download, url: file.url }, retry);
    } catch (error) {
      if (mayPass(error) || retry.signal?.aborted === true) throw error;
      await downloadFile({ ...download, url: await renewUrl(file) }, retry);
    }
  }
}

/** Paths come from the server: one that leaves the folder is refused. */
function inside(folder: string, path: string): string {
  const target = resolve(folder, path);
  if (!target.startsWith(resolve(folder) + sep))
    throw new RequestError("FILE_PATH_REFUSED", `The task has a file outside its folder: ${path}.`);
  return target;
}
