export { startEmbeddedPostgres } from "./embedded-postgres.ts";
export { ensurePostmaster, stopPostmaster } from "./postmaster.ts";
