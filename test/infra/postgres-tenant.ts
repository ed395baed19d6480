import { join } from "node:path";
import { startEmbeddedPostgres } from "../../src/core/infra/postgres/index.ts";
import { readPostmasterFile } from "../../src/core/infra/postgres/postmaster-file.ts";

const [folder = "", hasty] = process.argv.slice(2);

/** A process that uses an embedded server until it is told how to end; a hasty one ends as soon as the server begins to start. */
const starting = startEmbeddedPostgres(folder, { quick: true });
if (hasty !== undefined) setInterval(() => readPostmasterFile(join(folder, "data")) && process.exit(0), 1);
const server = await starting;
process.on("message", async (order) => {
  if (order === "stop") await server.stop();
  process.exit(0);
});
process.send?.("ready");
