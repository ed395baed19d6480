import type { RequestListener } from "node:http";
import type { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express, { type ErrorRequestHandler, type RequestHandler, type Response } from "express";
import { type App, hasScope, type Principal, principalFromToken } from "../core/app/index.ts";
import { bearerToken } from "./bearer.ts";
import type { ApiContext } from "./context.ts";
import { landingPage } from "./landing-page.ts";
import type { ApiLimits } from "./limits.ts";
import type { ErrorMask } from "./mask-error.ts";
import { operationContext } from "./operation-context.ts";
import { transferRoutes } from "./transfer-routes.ts";

export interface HttpAppOptions {
  readonly app: App;
  readonly apollo: ApolloServer<ApiContext>;
  readonly limits: ApiLimits;
  readonly mask: ErrorMask;
}

interface Locals {
  readonly principal?: Principal;
}

/** Everything over HTTP on the one port. */
export function createHttpApp({ app, apollo, limits, mask }: HttpAppOptions): RequestListener {
  const http = express();
  http.disable("x-powered-by");
  http.disable("etag");
  http.use(securityHeaders, openToBrowsers);
  http.get("/healthz", health(app));
  http.use(transferRoutes(app, limits));
  http.use(landingPage());
  http.use(
    "/graphql",
    authenticate(app),
    readBody(app, limits),
    expressMiddleware(apollo, {
      context: async ({ req, res }) =>
        operationContext(app, principalOf(res as Response<unknown, Locals>), { request: req, cache: true }),
    }),
  );
  http.use((_request, response) => {
    response.status(404).json({ error: { code: "NOT_FOUND", message: "nothing is here: the API is at /graphql" } });
  });
  http.use(answerError(mask));
  return http;
}

const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    // GraphiQL writes style attributes and uses data: fonts; scripts come from here only.
    "Content-Security-Policy":
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
      "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  });
  next();
};

/** Tokens travel in a header and never in cookies, so any site may ask on behalf of a user who gives it one. */
const openToBrowsers: RequestHandler = (request, response, next) => {
  response.set({ "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Upload-Offset, Upload-Length" });
  if (request.method !== "OPTIONS") return next();
  response.set({
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Upload-Offset, Apollo-Require-Preflight",
    "Access-Control-Max-Age": "600",
  });
  response.status(204).end();
};

const health =
  (app: App): RequestHandler =>
  async (_request, response) => {
    const database = await app.store.findOne("serverHeartbeats", { id: 1 }).then(
      () => true,
      () => false,
    );
    response.status(database ? 200 : 503).json({ status: database ? "ok" : "database unreachable" });
  };

/** A wrong token is an error, not an anonymous visitor. */
const authenticate =
  (app: App): RequestHandler<object, unknown, unknown, unknown, { principal?: Principal }> =>
  async (request, response, next) => {
    const principal = await principalFromToken(app, bearerToken(request.headers.authorization));
    if (principal.ok) {
      response.locals.principal = principal.value;
      return next();
    }
    const { code, message } = principal.error;
    response
      .status(401)
      .set("WWW-Authenticate", "Bearer")
      .json({ errors: [{ message, extensions: { code } }] });
  };

/** Only those who may post a dataset send long bodies; the limit holds for what a compressed body becomes, too. */
function readBody(
  app: App,
  { bodyMs, bodyOverheadBytes, maxRowsInBodyBytes }: ApiLimits,
): RequestHandler<object, unknown, unknown, unknown, Locals> {
  const short = express.json({ limit: bodyOverheadBytes });
  const long = express.json({
    limit: bodyOverheadBytes + Math.min(app.settings.dataset.maxBytes, maxRowsInBodyBytes),
  });
  return (request, response, next) => {
    const read = hasScope(principalOf(response), "tasks:write") ? long : short;
    const late = setTimeout(() => refuseLateBody(response, bodyMs), bodyMs);
    read(request, response, (error?: unknown) => {
      clearTimeout(late);
      // Its answer has closed the connection, which is all that went wrong.
      if (!response.headersSent) next(error);
    });
  };
}

function refuseLateBody(response: Response, bodyMs: number): void {
  const message = `expected the whole body within ${bodyMs / 1000} s: send it again over a faster connection`;
  response
    .status(408)
    .set("Connection", "close")
    .json({ errors: [{ message, extensions: { code: "BAD_REQUEST" } }] });
}

function principalOf({ locals }: Response<unknown, Locals>): Principal {
  return locals.principal ?? { kind: "ANONYMOUS" };
}

/** Bodies that are too long or no JSON keep their status; anything else is masked. */
const answerError =
  (mask: ErrorMask): ErrorRequestHandler =>
  (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const mistake = clientMistake(error);
    const answer = mistake ? { message: mistake.message, extensions: { code: "INVALID_INPUT" } } : mask(error);
    response.status(mistake?.status ?? 500).json({ errors: [answer] });
  };

/** An error that express blames on the request, with its status. */
function clientMistake(error: unknown): { readonly status: number; readonly message: string } | null {
  if (error instanceof URIError) return { status: 400, message: "expected a well-formed address" };
  if (!(error instanceof Error && "expose" in error && error.expose === true && "status" in error)) return null;
  const { status } = error;
  if (typeof status !== "number" || status >= 500) return null;
  if ("limit" in error && status === 413) {
    const message = `expected a body of at most ${String(error.limit)} bytes, found more: give a large dataset as a url`;
    return { status, message };
  }
  return { status, message: `expected a body that can be read as JSON: ${error.message}` };
}
