import { runProcess } from "./run-process.ts";

const loadApi = () => import("./schema/index.ts");

/** Serves the API and, unless its role says otherwise, does the work behind it. Says on stdout when it is ready. */
await runProcess({
  preload: loadApi,
  async start(composition, { host, port, role, jobConcurrency }) {
    const { buildApiSchema, createApi } = await loadApi();
    const { app } = composition;
    await composition.startBackground({ concurrency: role === "all" ? jobConcurrency : 0, serves: true });
    const api = await createApi({ app, host, port }).catch(async (error: unknown) => {
      const { blamePlugins } = await import("./blame-plugins.ts");
      const problems = await blamePlugins(app.registry, async (types) => buildApiSchema(types));
      const { PluginError } = await import("./plugin-error.ts");
      throw problems.length > 0 ? new PluginError(problems) : error;
    });
    process.stdout.write(`${JSON.stringify({ ready: true, url: api.url, pid: process.pid })}\n`);
    return api;
  },
});
