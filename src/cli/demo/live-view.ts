import { decimals } from "../output.ts";
import type { Competitor } from "./competitors.ts";

const REPAINT_MS = 100;
const BAR_CELLS = 20;
/** Without a terminal: a line per miner at each quarter of its training. */
const PLAIN_PARTS = 4;

/** Where progress is shown: repainted in place on a terminal, plain lines elsewhere. */
export interface LiveView extends Disposable {
  /** A line that stays. */
  say(line: string): void;
  changed(competitor: Competitor): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A view on a stream. */
export function createLiveView(screen: Screen, competitors: readonly Competitor[]): LiveView {
  return screen.isTTY === true ? paintedView(screen, competitors) : plainView(screen);
}

function plainView(screen: Screen): LiveView {
  const shown = new Map<string, string>();
  const say = (line: string): void => void screen.write(`${line}\n`);
  return {
    say,
    changed: (competitor) => {
      const { miner, activity, progress } = competitor;
      const part = progress?.steps ? Math.floor((progress.step / progress.steps) * PLAIN_PARTS) : 0;
      const state = `${activity}:${part}`;
      if (shown.get(miner.name) === state) return;
      shown.set(miner.name, state);
      say(competitorLine(competitor));
    },
    [Symbol.dispose]: () => undefined,
  };
}

function paintedView(screen: Screen, competitors: readonly Competitor[]): LiveView {
  let painted = 0;
  let timer: NodeJS.Timeout | undefined;
  const erase = (): string => (painted === 0 ? "" : `\u001B[${painted}A\u001B[J`);
  const paint = (before = ""): void => {
    const lines = competitors.map((competitor) => competitorLine(competitor).slice(0, (screen.columns ?? 100) - 1));
    screen.write(`${erase()}${before}${lines.map((line) => `${line}\n`).join("")}`);
    painted = lines.length;
  };
  return {
    say: (line) => paint(`${line}\n`),
    changed: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        paint();
      }, REPAINT_MS).unref();
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      paint();
      painted = 0;
    },
  };
}

function competitorLine({ miner, label, activity, progress }: Competitor): string {
  const name = miner.name.padEnd(10);
  const doing = activity.padEnd(18);
  if (progress === null || progress.steps === null) return `  ${name} ${doing} ${label}`;
  const { step, steps, loss, etaSeconds } = progress;
  const filled = Math.round((step / steps) * BAR_CELLS);
  const bar = "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
  const eta = step === steps ? "" : `  ${decimals(etaSeconds, 0)} s left`;
  return `  ${name} ${doing} ${bar} ${String(step).padStart(4)}/${steps}  loss ${decimals(loss, 3)}${eta}`;
}
