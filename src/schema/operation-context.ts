import type { IncomingMessage } from "node:http";
import type { App, Principal } from "../core/app/index.ts";
import type { ApiContext } from "./context.ts";
import { createLoaders } from "./loaders.ts";

interface OperationOptions {
  readonly request: IncomingMessage;
  /** Only where something can be done with a newer token: on a socket. */
  readonly renewToken?: (token: string) => void;
  /** False for subscriptions: each event reads afresh. */
  readonly cache: boolean;
}

/** The context of one operation. */
export function operationContext(app: App, principal: Principal, options: OperationOptions): ApiContext {
  return {
    app,
    principal,
    loaders: createLoaders(app, principal, { cache: options.cache }),
    baseUrl: baseUrl(app, options.request),
    renewToken: options.renewToken ?? (() => undefined),
  };
}

/** The operator's public URL, or the address by which the client came. */
function baseUrl({ settings }: App, { headers, socket }: IncomingMessage): string {
  if (settings.publicUrl !== null) return settings.publicUrl;
  const asked = `http://${headers.host ?? ""}`;
  return URL.canParse(asked) ? asked : `http://localhost:${socket.localPort}`;
}
