/** Uploads in progress on disk: the adapter for the UploadParts port. */
export { createUploadParts } from "./upload-parts.ts";
