import { resultRows, type TaskResult } from "./demo-result.ts";
import type { CurvePoint } from "./competitors.ts";
import { linearScale, ticks, type Scale } from "./scale.ts";

/** One miner in the plot. */
export interface PlotSeries {
  readonly name: string;
  readonly label: string;
  readonly curve: readonly CurvePoint[];
  readonly testLoss: number | null;
  readonly synthLoss: number | null;
  readonly weightedLoss: number | null;
  /** Why there is no rank, in a word. */
  readonly note: string | null;
}

export interface Plot {
  readonly title: string;
  /** Of the training curves. */
  readonly lossUnit: string;
  readonly series: readonly PlotSeries[];
  readonly baseline: {
    readonly testLoss: number;
    readonly synthLoss: number | null;
    readonly weightedLoss: number;
  } | null;
}

/** What of a task's result is drawn: best first. */
export function plotOf(result: TaskResult): Plot {
  return {
    title: `${result.task.title} (${result.task.baseModel.repo})`,
    lossUnit: result.demo.lossUnit,
    baseline: result.task.baseline,
    series: resultRows(result).map(({ row, entry }) => ({
      name: row.miner.name,
      label: row.strategy ?? "",
      curve: entry.curve,
      testLoss: row.testLoss,
      synthLoss: row.synthLoss,
      weightedLoss: row.weightedLoss,
      note: row.findings[0]?.code ?? null,
    })),
  };
}

/** Told apart with every common kind of colour vision (after Okabe and Ito). */
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#666666"] as const;
const WIDTH = 1120;
const HEIGHT = 460;
const CURVES = { left: 64, right: 560, top: 70, bottom: 400 } as const;
const BARS = { left: 770, right: 1090, top: 70, bottom: 400 } as const;
/** Weight of the past in the running mean of a training curve. */
const SMOOTHING = 0.8;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? COLOURS[0];

interface TextOptions {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly fill?: string;
}

const text = (
  x: number,
  y: number,
  content: string,
  { anchor = "start", size = 12, fill = "#222" }: TextOptions = {},
): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" text-anchor="${anchor}" fill="${fill}">${escape(content)}</text>`;

const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${style}/>`;

/** Draws training curves on the left and final losses on the right, as SVG. */
export function renderPlot(plot: Plot): string {
  const parts = [
    text(CURVES.left, 28, plot.title, { size: 17 }),
    text(CURVES.left, 52, `Training loss by step (running mean, ${plot.lossUnit})`, { size: 13, fill: "#555" }),
    text(BARS.left - 170, 52, "Held-out loss: bar weighted, ● test, ○ synthetic", { size: 13, fill: "#555" }),
    ...curves(plot),
    ...bars(plot),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="'DejaVu Sans', Verdana, sans-serif">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** A running mean, so that a curve shows its course and not the difference between batches. */
function smooth(curve: readonly CurvePoint[]): readonly CurvePoint[] {
  let mean: number | null = null;
  return curve.map(({ step, loss }) => {
    mean = mean === null ? loss : SMOOTHING * mean + (1 - SMOOTHING) * loss;
    return { step, loss: mean };
  });
}

function curves({ series }: Plot): readonly string[] {
  const drawn = series
    .map(({ name, curve }, index) => ({ name, colour: colourOf(index), points: smooth(curve) }))
    .filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((one) => one.points);
  if (points.length === 0) return [];
  const x = linearScale([0, Math.max(...points.map(({ step }) => step))], [CURVES.left, CURVES.right]);
  const losses = points.map(({ loss }) => loss);
  const y = linearScale([Math.min(...losses), Math.max(...losses)], [CURVES.bottom, CURVES.top]);
  const paths = drawn.map(({ colour, points: own }) => {
    const path = own
      .map(({ step, loss }, index) => `${index === 0 ? "M" : "L"}${x.at(step).toFixed(1)},${y.at(loss).toFixed(1)}`)
      .join("");
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  });
  const legend = drawn.map(({ name, colour }, index) => {
    const top = CURVES.top + 14 + index * 18;
    return (
      line(CURVES.right - 110, top - 4, CURVES.right - 86, top - 4, `stroke="${colour}" stroke-width="3"`) +
      text(CURVES.right - 80, top, name)
    );
  });
  return [...horizontalGrid(y), ...stepAxis(x), ...paths, ...legend];
}

function horizontalGrid(y: Scale): readonly string[] {
  return ticks(y.domain).map((value) => {
    const height = y.at(value);
    return (
      line(CURVES.left, height, CURVES.right, height, 'stroke="#e5e5e5"') +
      text(CURVES.left - 8, height + 4, String(value), { anchor: "end", fill: "#555" })
    );
  });
}

function stepAxis(x: Scale): readonly string[] {
  return ticks(x.domain).map((value) =>
    text(x.at(value), CURVES.bottom + 20, String(value), { anchor: "middle", fill: "#555" }),
  );
}

function bars({ series, baseline }: Plot): readonly string[] {
  const base = baseline === null ? [] : [{ name: "base model", label: "", curve: [], note: null, ...baseline }];
  const rows = [...series, ...base];
  const losses = rows
    .flatMap(({ testLoss, synthLoss, weightedLoss }) => [testLoss, synthLoss, weightedLoss])
    .filter((loss) => loss !== null);
  if (losses.length === 0) return [];
  const x = linearScale([Math.min(0, ...losses), Math.max(0, ...losses)], [BARS.left, BARS.right]);
  const height = (BARS.bottom - BARS.top) / rows.length;
  const axis = ticks(x.domain).map((value) => {
    const left = x.at(value);
    return (
      line(left, BARS.top, left, BARS.bottom, 'stroke="#e5e5e5"') +
      text(left, BARS.bottom + 20, String(value), { anchor: "middle", fill: "#555" })
    );
  });
  const drawn = rows.map((row, index) => {
    const middle = BARS.top + height * (index + 0.5);
    const colour = index < series.length ? colourOf(index) : "#bbb";
    return [
      text(BARS.left - 8, middle - 2, row.name, { anchor: "end" }),
      text(BARS.left - 8, middle + 11, row.note ?? row.label, {
        anchor: "end",
        size: 9,
        fill: row.note === null ? "#777" : "#B00020",
      }),
      ...barOf(row, { x, middle, height, colour }),
    ].join("");
  });
  return [...axis, ...drawn];
}

function barOf(
  { testLoss, synthLoss, weightedLoss }: Pick<PlotSeries, "testLoss" | "synthLoss" | "weightedLoss">,
  {
    x,
    middle,
    height,
    colour,
  }: { readonly x: Scale; readonly middle: number; readonly height: number; readonly colour: string },
): readonly string[] {
  if (weightedLoss === null) return [text(BARS.left + 6, middle + 4, "not evaluated", { fill: "#777", size: 11 })];
  const thickness = Math.min(22, height * 0.6);
  const [left, right] = [x.at(Math.min(0, weightedLoss)), x.at(Math.max(0, weightedLoss))];
  const digits = Math.abs(weightedLoss) < 1 ? 4 : 3;
  const dot = (loss: number | null, fill: string): string =>
    loss === null
      ? ""
      : `<circle cx="${x.at(loss).toFixed(1)}" cy="${middle.toFixed(1)}" r="4" fill="${fill}" stroke="#222"/>`;
  return [
    `<rect x="${Number(left.toFixed(1))}" y="${(middle - thickness / 2).toFixed(1)}" width="${(right - left).toFixed(1)}" height="${thickness.toFixed(1)}" fill="${colour}" fill-opacity="0.6"/>`,
    weightedLoss < 0
      ? text(right - 6, middle + 4, weightedLoss.toFixed(digits), { size: 11, anchor: "end" })
      : text(BARS.left + 6, middle + 4, weightedLoss.toFixed(digits), { size: 11 }),
    dot(testLoss, "#222"),
    dot(synthLoss, "#fff"),
  ];
}
