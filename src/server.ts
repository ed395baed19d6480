import { runProcess } from "./run-process.ts";

const loadApi = () => import("./schema/index.ts");

/** Serves the API and, unless its role says otherwise, does the work behind it. Says on stdout when it is ready. */
await runProcess({
  preload: loadApi,
  async start(composition, { host, port, role, jobConcurrency }) {
    const { createApi } = await loadApi();
    await composition.startBackground(role === "all" ? jobConcurrency : 0);
    const api = await createApi({ app: composition.app, host, port });
    process.stdout.write(`${JSON.stringify({ ready: true, url: api.url, pid: process.pid })}\n`);
    return api;
  },
});
