import { startEmbeddedPostgres } from "../../src/core/infra/postgres/index.ts";

/** A process that uses an embedded server until it is told how to end. */
const server = await startEmbeddedPostgres(process.argv[2] ?? "", { quick: true });
process.on("message", async (order) => {
  if (order === "stop") await server.stop();
  process.exit(0);
});
process.send?.("ready");
