import {
  type DatasetSplitRecord,
  signDownload,
  type SubmissionRecord,
  uploadProgress,
  type UploadRecord,
} from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";

type LinkContext = Pick<ApiContext, "app" | "baseUrl" | "principal">;

/** Links are checked when a download starts, so an hour is plenty; they are made anew each time a field is read. */
const LINK_LIFETIME_MS = 60 * 60 * 1000;

/** A link to an artefact, for whoever may read it: the caller has checked that. */
export function downloadUrl({ app, baseUrl, principal }: LinkContext, sha256: string, name: string): string {
  const expiresAt = new Date(app.clock.now().getTime() + LINK_LIFETIME_MS);
  const holder = principal.kind === "MINER" ? principal.minerId : null;
  return absolute(baseUrl, signDownload(app, sha256, name, expiresAt, holder));
}

/** A link to the rows of a split. */
export const splitUrl = (context: LinkContext, { split, sha256 }: DatasetSplitRecord): string =>
  downloadUrl(context, sha256, `${split.toLowerCase()}.jsonl`);

/** The files of a submission, with links where they may be downloaded. */
export function artifactFiles(context: LinkContext, { files }: SubmissionRecord, mayDownload: boolean) {
  return files.map((file) => ({ ...file, url: mayDownload ? downloadUrl(context, file.sha256, file.path) : null }));
}

/** The files of an upload with what has arrived, and links to send the rest to. */
export async function uploadFiles({ app, baseUrl }: Pick<LinkContext, "app" | "baseUrl">, upload: UploadRecord) {
  const files = await uploadProgress(app, upload);
  return files.map((file) => ({ ...file, url: absolute(baseUrl, file.url) }));
}

const absolute = (baseUrl: string, link: string): string => new URL(link, baseUrl).href;
