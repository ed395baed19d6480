/** Reading from the internet for others, and never from the platform's own network. */
export { download } from "./download.ts";
export { isBusy } from "./is-busy.ts";
export { GateError, openUrl, type Gate } from "./open-url.ts";
