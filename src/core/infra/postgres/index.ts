export { startEmbeddedPostgres } from "./embedded-postgres.ts";
export { endPostmaster, ensurePostmaster, stopPostmaster } from "./postmaster.ts";
