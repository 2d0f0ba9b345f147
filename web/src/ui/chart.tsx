// Values over time, drawn by uPlot in the page's own colours.
import "uplot/dist/uPlot.min.css";

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { theme } from "./theme";

export interface Series {
  label: string;
  values: (number | null)[];
  colour: string; // a variable of the style: "--accent"
  kind?: "line" | "bars";
}

export interface ChartProps {
  summary: string; // what it shows, in words, for who cannot see it
  times: number[]; // seconds since 1970, or numbers of things in a row
  isCounted?: boolean; // the latter
  series: Series[];
  unit: (value: number) => string;
  height?: number;
  max?: number; // of the scale, at least
}

function colour(name: string, element: Element): string {
  return getComputedStyle(element).getPropertyValue(name).trim() || "gray";
}

// "14:03", where the browser is.
function hourOf(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 5);
}

function options(props: ChartProps, element: HTMLElement, width: number): uPlot.Options {
  const text = colour("--ink-soft", element);
  const line = colour("--line", element);
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  return {
    width,
    height: props.height ?? 160,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: !props.isCounted },
      y: { range: (_u, _min, max) => [0, Math.max(max ?? 0, props.max ?? 0, 0.001) * 1.1] },
    },
    axes: [
      {
        stroke: text,
        font,
        size: 28,
        space: 70,
        grid: { show: false },
        ticks: { stroke: line, size: 4 },
        values: (_u, values) => values.map((value) => (props.isCounted ? String(value) : hourOf(value))),
      },
      {
        stroke: text,
        font,
        size: 58,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        space: 40,
        values: (_u, values) => values.map(props.unit),
      },
    ],
    series: [
      {},
      ...props.series.map((series): uPlot.Series => {
        const stroke = colour(series.colour, element);
        const line = { label: series.label, stroke, width: 1.6, spanGaps: false };
        if (series.kind === "bars") {
          return { ...line, paths: uPlot.paths.bars!({ size: [0.9, 24] }), fill: stroke, points: { show: false } };
        }
        const isShort = series.values.filter((value) => value !== null).length < 3;
        return { ...line, fill: colour(`${series.colour}-faint`, element), points: { show: isShort, size: 5 } };
      }),
    ],
  };
}

function dataOf(props: ChartProps): uPlot.AlignedData {
  return [props.times, ...props.series.map((series) => series.values)] as uPlot.AlignedData;
}

export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = [props.height, props.series.map((series) => series.label), theme.value].join();

  useEffect(() => {
    const element = box.current!;
    const draw = () => {
      plot.current?.destroy();
      const width = Math.max(120, element.clientWidth);
      plot.current = new uPlot(options(latest.current, element, width), dataOf(latest.current), element);
    };
    draw();
    const size = new ResizeObserver(() => {
      const width = Math.max(120, element.clientWidth);
      if (plot.current && plot.current.width !== width) plot.current.setSize({ width, height: plot.current.height });
    });
    size.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      size.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => plot.current?.setData(dataOf(props)), [props.times, props.series]);

  return <div ref={box} class="chart" role="img" aria-label={props.summary} />;
}
