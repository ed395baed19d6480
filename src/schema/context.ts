import type { App, Principal } from "../core/app/index.ts";
import type { Loaders } from "./loaders.ts";

/** What every resolver gets: one per HTTP request, one per operation on a socket. */
export interface ApiContext {
  readonly app: App;
  readonly principal: Principal;
  readonly loaders: Loaders;
  /** Where signed addresses point: `settings.publicUrl`, or the address that the client came to. */
  readonly baseUrl: string;
  /** Tells the socket that its principal has a newer token; nothing happens over HTTP. */
  readonly renewToken: (token: string) => void;
}
