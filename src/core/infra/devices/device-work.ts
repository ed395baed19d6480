import { DEVICE_SIGN_OF_LIFE_MS, registerDevices, startShares, withdrawDevices, type App } from "../../app/index.ts";
import { repeat, type Repeated } from "../events/index.ts";

/** Looks even when nothing rang: a lost bell costs at most this. */
const FALLBACK_MS = 5_000;

/** Registers this process's devices, and keeps each at work as long as some task needs it. `run` looks for work now. */
export async function startDeviceWork(app: App): Promise<Repeated> {
  const { log } = app;
  await app.evalRunner
    .tidy?.()
    .catch((error: unknown) =>
      log.warn("what dead workers left behind could not be removed", { reason: describe(error) }),
    );
  await registerDevices(app);
  const atWork = new Set<Promise<void>>();
  const work = repeat("sharing out the devices", FALLBACK_MS, log, async () => {
    for (const share of await startShares(app)) {
      const over = share
        .catch((error: unknown) => log.warn("an evaluation was broken off", { reason: describe(error) }))
        .finally(() => {
          atWork.delete(over);
          work.run();
        });
      atWork.add(over);
    }
  });
  const life = repeat("the devices' sign of life", DEVICE_SIGN_OF_LIFE_MS, log, () => registerDevices(app));
  work.run();
  return {
    run: () => work.run(),
    async stop() {
      await Promise.all([work.stop(), life.stop()]);
      await Promise.all(atWork);
      await withdrawDevices(app);
    },
  };
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
