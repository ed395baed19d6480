import { pipeline } from "node:stream/promises";
import { Router, type Request, type RequestHandler, type Response } from "express";
import {
  type App,
  type AppError,
  type AppResult,
  type ErrorCode,
  type FileOffset,
  openDownload,
  receiveUpload,
  type UploadLink,
  uploadOffset,
} from "../core/app/index.ts";
import type { ApiLimits } from "./limits.ts";

const STATUS: Partial<Record<ErrorCode, number>> = {
  SIGNATURE_INVALID: 403,
  MINER_SUSPENDED: 403,
  NOT_FOUND: 404,
  UPLOAD_OFFSET_MISMATCH: 409,
  UPLOAD_TAKEN_OVER: 409,
  LINK_EXPIRED: 410,
  UPLOAD_NOT_OPEN: 410,
  UPLOAD_TOO_LARGE: 413,
};
const OFFSET = /^\d{1,15}$/;

/** Bytes in and out over signed links: HEAD and PUT /uploads/:uploadId/:index, GET /files/:sha256/:name. */
export function transferRoutes(app: App, { transferIdleMs }: Pick<ApiLimits, "transferIdleMs">): Router {
  const router = Router();
  router.use(["/uploads", "/files"], cutWhenIdle(transferIdleMs));
  router.head("/uploads/:uploadId/:index", async (request, response) => {
    answerOffset(response, await uploadOffset(app, uploadLink(request)));
  });
  router.put("/uploads/:uploadId/:index", async (request, response) => {
    const header = request.get("upload-offset") ?? "0";
    // What stays unread of a refused body must not be taken for the next request.
    response.set("Connection", "close");
    if (!OFFSET.test(header)) {
      const message = `expected Upload-Offset to be a number of bytes, found ${header.slice(0, 40)}`;
      return refuse(response, { code: "INVALID_INPUT", message, path: ["Upload-Offset"] });
    }
    answerOffset(response, await receiveUpload(app, { ...uploadLink(request), offset: Number(header), body: request }));
  });
  router.get("/files/:sha256/:name", async (request, response) => {
    const { sha256, name } = request.params;
    const download = await openDownload(app, { sha256, name, ...linkSignature(request) });
    if (!download.ok) return refuse(response, download.error);
    response.set({
      "Content-Type": "application/octet-stream",
      "Content-Length": String(download.value.bytes),
      "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      "Cache-Control": "private, no-store",
    });
    // A client that goes away is not an error of ours.
    await pipeline(download.value.body, response).catch((error: unknown) => {
      app.log.debug("a download broke off", { sha256, reason: String(error) });
    });
  });
  return router;
}

/** Whoever stalls holds a file open, and an upload's turn: Node closes a connection that was idle for this long. */
const cutWhenIdle =
  (ms: number): RequestHandler =>
  ({ socket }, _response, next) => {
    socket.setTimeout(ms);
    next();
  };

function uploadLink(request: Request<{ uploadId: string; index: string }>): UploadLink {
  const { uploadId, index } = request.params;
  return { uploadId, index: Number(index), ...linkSignature(request) };
}

function linkSignature({ query }: Pick<Request, "query">) {
  const { expires, signature, for: holder } = query;
  return {
    expires: Number(expires),
    holder: typeof holder === "string" ? holder : null,
    signature: typeof signature === "string" ? signature : "",
  };
}

function answerOffset(response: Response, result: AppResult<FileOffset>): void {
  if (!result.ok) return refuse(response, result.error);
  const { received, bytes } = result.value;
  response.status(response.req.method === "HEAD" ? 200 : 204);
  response
    .set({ "Upload-Offset": String(received), "Upload-Length": String(bytes), "Cache-Control": "no-store" })
    .end();
}

function refuse(response: Response, { code, message }: AppError): void {
  response.status(STATUS[code] ?? 400).json({ error: { code, message } });
}
