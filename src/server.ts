import { runProcess } from "./run-process.ts";

/** Serves the API and, unless the role says otherwise, does the work behind it. Says on stdout when it is ready. */
await runProcess(async (composition, { host, port, role, jobConcurrency }) => {
  const { createApi } = await import("./schema/index.ts");
  await composition.startBackground(role === "all" ? jobConcurrency : 0);
  const api = await createApi({ app: composition.app, host, port });
  process.stdout.write(`${JSON.stringify({ ready: true, url: api.url, pid: process.pid })}\n`);
  return api;
});
