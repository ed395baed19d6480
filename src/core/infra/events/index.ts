export { startAlarmClock } from "./alarm-clock.ts";
export { createBroadcast, type LocalBroadcast } from "./broadcast.ts";
export { openEvents, type Events } from "./events.ts";
export { repeat, type Repeated } from "./repeated.ts";
export { startSweeper } from "./sweeper.ts";
