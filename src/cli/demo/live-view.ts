import { decimals } from "../output.ts";
import type { Competitor, Entry } from "./competitors.ts";

const REPAINT_MS = 100;
const BAR_CELLS = 20;
const NAME_WIDTH = 10;
const ACTIVITY_WIDTH = 18;
/** Of a column of the table that several tasks make. */
const CELL_WIDTH = 20;
const SMALL_BAR_CELLS = 5;
/** Without a terminal: a line per miner at each quarter of its training. */
const PLAIN_PARTS = 4;

/** Where progress is shown: repainted in place on a terminal, plain lines elsewhere. */
export interface LiveView extends Disposable {
  /** A line that stays. */
  say(line: string): void;
  changed(competitor: Competitor, entry: Entry): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A view on a stream of tasks of these kinds. */
export function createLiveView(screen: Screen, competitors: readonly Competitor[], kinds: readonly string[]): LiveView {
  return screen.isTTY === true ? paintedView(screen, competitors, kinds) : plainView(screen, kinds);
}

function plainView(screen: Screen, kinds: readonly string[]): LiveView {
  const shown = new Map<Entry, string>();
  const kindWidth = Math.max(...kinds.map((kind) => kind.length));
  const say = (line: string): void => void screen.write(`${line}\n`);
  return {
    say,
    changed: ({ name }, entry) => {
      const { kind, activity, progress } = entry;
      const part = progress?.steps ? Math.floor((progress.step / progress.steps) * PLAIN_PARTS) : 0;
      const state = `${activity}:${part}`;
      if (shown.get(entry) === state) return;
      shown.set(entry, state);
      say(entryLine(kinds.length === 1 ? name : `${name.padEnd(NAME_WIDTH)} ${kind.padEnd(kindWidth)}`, entry));
    },
    [Symbol.dispose]: () => undefined,
  };
}

function paintedView(screen: Screen, competitors: readonly Competitor[], kinds: readonly string[]): LiveView {
  let painted = 0;
  let timer: NodeJS.Timeout | undefined;
  const erase = (): string => (painted === 0 ? "" : `\u001B[${painted}A\u001B[J`);
  const paint = (before = ""): void => {
    const whole = kinds.length === 1 ? competitors.flatMap(entryLines) : tableLines(competitors, kinds);
    const lines = whole.map((line) => line.slice(0, (screen.columns ?? 100) - 1));
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

const entryLines = ({ name, entries }: Competitor): readonly string[] =>
  [...entries.values()].map((entry) => entryLine(name, entry));

function entryLine(who: string, { label, activity, progress }: Entry): string {
  const name = who.padEnd(NAME_WIDTH);
  const doing = activity.padEnd(ACTIVITY_WIDTH);
  if (progress === null || progress.steps === null) return `  ${name} ${doing} ${label}`;
  const { step, steps, loss, etaSeconds } = progress;
  const eta = step === steps ? "" : `  ${decimals(etaSeconds, 0)} s left`;
  return `  ${name} ${doing} ${barOf(step / steps, BAR_CELLS)} ${String(step).padStart(4)}/${steps}  loss ${decimals(loss, 3)}${eta}`;
}

/** A line for each miner and a column for each task. */
function tableLines(competitors: readonly Competitor[], kinds: readonly string[]): readonly string[] {
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(NAME_WIDTH)} ${cells.map((cell) => cell.padEnd(CELL_WIDTH)).join("")}`.trimEnd();
  const rows = competitors.map(({ name, entries }) =>
    line(
      name,
      kinds.map((kind) => cellOf(entries.get(kind))),
    ),
  );
  return [line("", kinds), ...rows];
}

function cellOf(entry: Entry | undefined): string {
  if (entry === undefined) return "-";
  const { activity, progress } = entry;
  if (activity !== "training" || progress === null || progress.steps === null) return activity;
  const done = progress.step / progress.steps;
  return `${barOf(done, SMALL_BAR_CELLS)} ${String(Math.floor(done * 100)).padStart(3)} % ${decimals(progress.loss, 3)}`;
}

function barOf(done: number, cells: number): string {
  const filled = Math.round(done * cells);
  return "█".repeat(filled) + "░".repeat(cells - filled);
}
