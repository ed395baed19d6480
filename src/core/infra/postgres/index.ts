export { startEmbeddedPostgres, type EmbeddedPostgres } from "./embedded-postgres.ts";
export { ensurePostmaster, stopPostmaster, type Postmaster, type PostmasterOptions } from "./postmaster.ts";
