/** The SDK: the public GraphQL API as typed calls, for miners, customers and frontends. */
export * from "./generated/graphql.ts";
export * from "./miner/index.ts";
export { allNodes, type Page } from "./all-nodes.ts";
export { authenticateMiner, keepTokenFresh, type MinerSession } from "./authenticate-miner.ts";
export { backoffMs, DEFAULT_BACKOFF, withRetries, type Backoff, type RetryOptions } from "./backoff.ts";
export { createClient, type ClientOptions, type GradientsClient } from "./client.ts";
export { createTask, type NewTask } from "./create-task.ts";
export { downloadFile, type Download } from "./download-file.ts";
export { downloadFolder, type FolderDownload, type SignedFile } from "./download-folder.ts";
export { ConnectionError, present, RequestError, UserError, type UserErrorItem } from "./errors.ts";
export { followTask } from "./follow-task.ts";
export { fileSha256, listFolder, type FolderFile } from "./file-digest.ts";
export { createKeyFile, readKeyFile } from "./key-file.ts";
export { createKeyPair, keyPairFromHex, toHotkey, type KeyPair } from "./keys.ts";
export { fileCursor, memoryCursor, type CursorState, type CursorStore } from "./miner-cursor.ts";
export { minerEvents, type MinerEvent, type MinerEventOf, type MinerEventsOptions } from "./miner-events.ts";
export { uploadFile, UPLOAD_OFFSET_HEADER, type FileUpload } from "./upload-file.ts";
export { uploadFolder, type FolderUpload } from "./upload-folder.ts";
