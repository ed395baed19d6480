import { runProcess } from "./run-process.ts";

/** Does the work behind the API without serving it: any number of these beside a server. Says on stdout when it is ready. */
await runProcess({
  async start(composition, { jobConcurrency }) {
    await composition.startBackground({ concurrency: jobConcurrency, serves: false });
    process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`);
    return { stop: async () => undefined };
  },
});
