// What ECharts is told to draw for each type of tile.
import type { EChartsCoreOption } from "echarts/core";

import type { Cell, Column } from "../api";
import { clip, isNumber, isTime, parseTime, toNumber } from "../format";
import { type Ink, prefersStillness } from "../theme";
import { kColumns, kRows, kStates } from "./brazil";
import { plotOf, type Plot, type Series, type Table } from "./data";
import type { Palette } from "./palette";

export interface Drawing {
  option: EChartsCoreOption;
  /** The row behind a mark that was clicked. */
  rowAt(seriesIndex: number, dataIndex: number): Cell[] | undefined;
}

interface Brush {
  table: Table;
  ink: Ink;
  palette: Palette;
  width: number;
  height: number;
}

const kFont = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

export function draw(table: Table, ink: Ink, palette: Palette, width: number, height: number): Drawing {
  const brush = { table, ink, palette, width, height };
  switch (table.tile.type) {
    case "pie":
      return pie(brush);
    case "funnel":
      return funnel(brush);
    case "map":
      return map(brush);
    case "heatmap":
    case "cohort":
      return grid(brush);
    default:
      return cartesian(brush);
  }
}

function base({ ink }: Brush): EChartsCoreOption {
  return {
    animation: !prefersStillness(),
    animationDuration: 0,
    animationDurationUpdate: 400,
    textStyle: { fontFamily: kFont, fontSize: 12, color: ink.text },
  };
}

function tooltip({ ink }: Brush): Record<string, unknown> {
  return {
    confine: true,
    backgroundColor: ink.surface,
    borderColor: ink.line,
    padding: [8, 12],
    textStyle: { color: ink.text, fontSize: 12, fontFamily: kFont },
    extraCssText: "box-shadow:none;font-variant-numeric:tabular-nums",
  };
}

/** A line of a tooltip, as text nodes would be: what comes from data must not be taken for markup. */
function tip(colour: string, name: string, value: string): string {
  const dot = colour ? `<span style="display:inline-block;width:8px;height:8px;border-radius:4px;background:${colour};margin-right:6px"></span>` : "";
  return `<div style="display:flex;gap:16px;justify-content:space-between"><span>${dot}${escape(name)}</span><b>${escape(value)}</b></div>`;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Whether an axis ends at 100 %: that of shares, and that of rates which come near. */
function endsAtWhole({ table }: Brush, plot: Plot, column: string, isShare: boolean): boolean {
  if (isShare) return true;
  const stacks = table.tile.type === "stacked" || table.tile.type === "area";
  if (table.format(column).format !== "percent" || stacks) return false;
  const high = Math.max(...plot.series.flatMap((series) => series.values.map((value) => value ?? 0)));
  return high > 0.8 && high <= 1;
}

function axisValue(brush: Brush, plot: Plot, column: string, isPercent: boolean): Record<string, unknown> {
  const { table, ink } = brush;
  return {
    type: "value",
    ...(endsAtWhole(brush, plot, column, isPercent) ? { max: 1, interval: 0.25 } : {}),
    axisLine: { show: false },
    axisTick: { show: false },
    splitNumber: 4,
    splitLine: { lineStyle: { color: ink.line, width: 1 } },
    axisLabel: {
      color: ink.muted,
      formatter: (value: number) => (isPercent ? `${Math.round(value * 100)} %` : table.tick(value, column)),
    },
  };
}

const timeLabels: Record<string, Intl.DateTimeFormatOptions> = {
  year: { year: "numeric" },
  month: { month: "short" },
  day: { day: "numeric", month: "short" },
  hour: { hour: "2-digit", minute: "2-digit" },
};

function axisTime({ ink }: Brush, xs: Cell[]): Record<string, unknown> {
  const first = parseTime(String(xs[0] ?? ""))?.getTime() ?? 0;
  const last = parseTime(String(xs[xs.length - 1] ?? ""))?.getTime() ?? 0;
  const days = Math.abs(last - first) / 86_400_000;
  return {
    type: "time",
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      color: ink.muted,
      hideOverlap: true,
      formatter: (value: number) => {
        const time = new Date(value);
        const isDay = time.getHours() === 0 && time.getMinutes() === 0;
        const kind = !isDay ? "hour" : days > 60 && time.getDate() === 1 ? (time.getMonth() === 0 ? "year" : "month") : "day";
        return new Intl.DateTimeFormat(undefined, timeLabels[kind]).format(time);
      },
    },
  };
}

function axisCategory({ table, ink }: Brush, xs: Cell[], column: string | undefined, length: number): Record<string, unknown> {
  return {
    type: "category",
    data: xs.map((x) => table.write(x, column)),
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
    axisLabel: { color: ink.muted, hideOverlap: true, formatter: (text: string) => clip(text, length) },
  };
}

function colourOf(brush: Brush, series: Series, count: number): string {
  if (series.isPrevious) return brush.ink.previous;
  if (count === 1) return brush.ink.categories[0] ?? brush.ink.text;
  return brush.palette.colour(series.name, brush.ink);
}

function textWidth(text: string): number {
  return text.length * 6.6;
}

function cartesian(brush: Brush): Drawing {
  const { table, ink } = brush;
  const { tile } = table;
  const plot = plotOf(table);
  const percent = tile.percent === true;
  if (percent) makeShares(plot);
  const isLine = tile.type === "line" || tile.type === "area";
  const isHorizontal = tile.orientation === "horizontal" && !isLine;
  const timed = isLine && isTime(table.column(tile.x));
  const shown = plot.series.filter((series) => !series.isPrevious);
  const labelled = isLine && plot.series.length > 1 && plot.series.length <= 5 && brush.width >= 420;
  const column = shown[0]?.column ?? "";
  const category = axisCategory(brush, plot.xs, tile.x, isHorizontal ? 24 : 14);
  if (isHorizontal) category["inverse"] = true;
  const time = timed ? axisTime(brush, plot.xs) : category;
  const value = axisValue(brush, plot, column, percent);
  const legend = plot.series.length > 1 && !labelled;
  const legendWidth = plot.series.reduce((sum, series) => sum + textWidth(series.name) + 24, 0);
  const legendRows = legend ? Math.min(4, Math.ceil(legendWidth / Math.max(160, brush.width - 24))) : 0;
  const option: EChartsCoreOption = {
    ...base(brush),
    grid: {
      left: 4,
      right: labelled ? Math.min(140, 12 + Math.max(...plot.series.map((series) => textWidth(clip(series.name, 18))))) : 12,
      top: 12 + legendRows * 20,
      bottom: 4,
      containLabel: true,
    },
    xAxis: isHorizontal ? value : time,
    yAxis: isHorizontal ? category : value,
    series: plot.series.map((series) => seriesOption(brush, plot, series, { timed, labelled, count: shown.length, isLine })),
    tooltip: {
      ...tooltip(brush),
      trigger: "axis",
      axisPointer: { type: isLine ? "line" : "shadow", lineStyle: { color: ink.previous }, shadowStyle: { opacity: 0.08 } },
      formatter: (points: { dataIndex: number; seriesIndex: number }[]) => {
        const at = points[0]?.dataIndex ?? 0;
        const lines = plot.series.map((series) => {
          const number = series.values[at] ?? null;
          const text = percent ? `${((number ?? 0) * 100).toFixed(1)} %` : table.exact(number, series.column);
          return number === null ? "" : tip(colourOf(brush, series, shown.length), series.name, text);
        });
        return `<div style="margin-bottom:4px">${escape(table.write(plot.xs[at], tile.x))}</div>${lines.join("")}`;
      },
    },
  };
  if (legend) {
    option["legend"] = { top: 0, left: 0, type: "plain", icon: "circle", itemWidth: 8, itemHeight: 8, itemGap: 12, padding: [4, 0, 0, 0], textStyle: { color: ink.text } };
  }
  return { option, rowAt: (series, at) => plot.series[series]?.rows[at] };
}

function makeShares(plot: Plot): void {
  plot.xs.forEach((_, at) => {
    const sum = plot.series.reduce((total, series) => total + (series.values[at] ?? 0), 0);
    for (const series of plot.series) {
      const value = series.values[at];
      if (value !== null && value !== undefined && sum !== 0) series.values[at] = value / sum;
    }
  });
}

function seriesOption(
  brush: Brush,
  plot: Plot,
  series: Series,
  look: { timed: boolean; labelled: boolean; count: number; isLine: boolean },
): Record<string, unknown> {
  const { table, ink } = brush;
  const colour = colourOf(brush, series, look.count);
  const data = series.values.map((value, at) => (look.timed ? [parseTime(String(plot.xs[at]))?.getTime() ?? null, value] : value));
  const common = { id: `${series.column} ${series.name}`, name: series.name, data, color: colour, cursor: table.tile.cross_filter || table.tile.drill ? "pointer" : "default" };
  if (!look.isLine && !series.isPrevious) {
    const stack = table.tile.type === "stacked" ? { stack: "all" } : {};
    return { ...common, ...stack, type: "bar", barMaxWidth: 32, barMinHeight: 1, itemStyle: { borderRadius: table.tile.type === "stacked" ? 0 : 2 } };
  }
  const isAlone = series.values.filter((value) => value !== null).length === 1;
  return {
    ...common,
    type: "line",
    symbol: "circle",
    symbolSize: isAlone ? 8 : 6,
    showSymbol: isAlone,
    lineStyle: { width: series.isPrevious ? 1 : 2, color: colour },
    z: series.isPrevious ? 1 : 2,
    ...(table.tile.type === "area" && !series.isPrevious ? { areaStyle: { opacity: look.count > 1 ? 0.6 : 0.12 }, ...(look.count > 1 ? { stack: "all" } : {}) } : {}),
    ...(look.labelled
      ? { endLabel: { show: true, formatter: clip(series.name, 18), color: series.isPrevious ? ink.muted : colour, fontSize: 12 }, labelLayout: { moveOverlap: "shiftY" } }
      : {}),
    emphasis: { focus: "none" },
  };
}

function pie(brush: Brush): Drawing {
  const { table, ink, palette, width, height } = brush;
  const beside = width >= 280;
  const radius = beside ? Math.min(height * 0.44, width * 0.24) : Math.min(height * 0.32, width * 0.4);
  const { tile } = table;
  const rows = table.data.rows;
  // Beyond five slices the small ones are told together.
  const sorted = [...rows].sort((a, b) => (toNumber(table.cell(b, tile.value)) ?? 0) - (toNumber(table.cell(a, tile.value)) ?? 0));
  const kept = sorted.length > 5 ? sorted.slice(0, 4) : sorted;
  const rest = sorted.slice(kept.length);
  const total = rows.reduce((sum, row) => sum + (toNumber(table.cell(row, tile.value)) ?? 0), 0);
  const slices = kept.map((row) => ({
    name: table.write(table.cell(row, tile.label), tile.label),
    value: toNumber(table.cell(row, tile.value)) ?? 0,
  }));
  if (rest.length > 0) {
    slices.push({ name: `${rest.length} others`, value: rest.reduce((sum, row) => sum + (toNumber(table.cell(row, tile.value)) ?? 0), 0) });
  }
  const share = (value: number) => (total > 0 ? `${((value / total) * 100).toFixed(1)} %` : "–");
  return {
    option: {
      ...base(brush),
      tooltip: {
        ...tooltip(brush),
        trigger: "item",
        formatter: (point: { name: string; value: number; color: string }) =>
          tip(point.color, point.name, `${table.exact(point.value, tile.value)} · ${share(point.value)}`),
      },
      // Beside the ring there is room for names of any length; lines to labels around it cross where slices are thin.
      legend: {
        orient: "vertical",
        icon: "circle",
        itemWidth: 8,
        itemHeight: 8,
        itemGap: 8,
        selectedMode: false,
        textStyle: { color: ink.text, fontSize: 12 },
        formatter: (name: string) => `${clip(name, Math.max(8, Math.floor(width / 2 / 6.6) - 9))}  ${share(slices.find((slice) => slice.name === name)?.value ?? 0)}`,
        ...(beside ? { left: "56%", top: "middle" } : { left: "center", bottom: 0 }),
      },
      series: [
        {
          id: "pie",
          type: "pie",
          radius: [radius * 0.62, radius],
          center: beside ? ["27%", "50%"] : ["50%", "38%"],
          startAngle: 90,
          cursor: tile.cross_filter || tile.drill ? "pointer" : "default",
          itemStyle: { borderColor: ink.surface, borderWidth: 2 },
          label: { show: false },
          data: slices.map((slice, at) => ({
            ...slice,
            itemStyle: { color: at >= kept.length ? ink.previous : palette.colour(slice.name, ink) },
          })),
        },
      ],
    },
    rowAt: (_, at) => kept[at],
  };
}

function funnel(brush: Brush): Drawing {
  const { table, ink } = brush;
  const { tile } = table;
  const rows = table.data.rows;
  const values = rows.map((row) => toNumber(table.cell(row, tile.value)) ?? 0);
  const first = values[0] ?? 0;
  const share = (at: number) => (first > 0 ? `${(((values[at] ?? 0) / first) * 100).toFixed(1)} %` : "–");
  const said = (at: number) => `${table.write(values[at] ?? null, tile.value, true)}  ${share(at)}`;
  const room = Math.max(0, ...values.map((_, at) => textWidth(said(at)))) + 12;
  return {
    option: {
      ...base(brush),
      grid: { left: 4, right: room, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", show: false, max: Math.max(...values, 1e-9) },
      yAxis: { ...axisCategory(brush, rows.map((row) => table.cell(row, tile.label) ?? null), tile.label, 24), inverse: true, axisLine: { show: false } },
      tooltip: {
        ...tooltip(brush),
        trigger: "item",
        formatter: (point: { dataIndex: number; name: string }) =>
          tip("", point.name, `${table.exact(values[point.dataIndex] ?? null, tile.value)} · ${share(point.dataIndex)}`),
      },
      series: [
        {
          id: "steps",
          type: "bar",
          data: values,
          color: ink.categories[0],
          barCategoryGap: "25%",
          cursor: tile.cross_filter || tile.drill ? "pointer" : "default",
          itemStyle: { borderRadius: 2 },
          label: {
            show: true,
            position: "right",
            color: ink.text,
            formatter: (point: { dataIndex: number }) => said(point.dataIndex),
          },
        },
      ],
    },
    rowAt: (_, at) => rows[at],
  };
}

function scale({ ink }: Brush, values: number[]): Record<string, unknown> {
  const low = Math.min(...values, Infinity);
  const high = Math.max(...values, -Infinity);
  return {
    type: "continuous",
    show: false,
    min: Number.isFinite(low) ? Math.min(low, 0) : 0,
    max: Number.isFinite(high) && high > 0 ? high : 1,
    inRange: { color: [ink.low, ink.high] },
  };
}

/** Text on a cell of the scale: whichever of dark and light stands out more from its colour. */
function inkOn(ink: Ink, share: number): string {
  const from = channels(ink.low);
  const to = channels(ink.high);
  const [red, green, blue] = from.map((part, at) => ((part + ((to[at] ?? part) - part) * share) / 255) ** 2.2);
  const luminance = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  return (luminance + 0.05) / 0.06 > 1.05 / (luminance + 0.05) ? "#1c1c1e" : "#ffffff";
}

function channels(colour: string): number[] {
  const match = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim());
  return match ? [match[1], match[2], match[3]].map((part) => parseInt(part ?? "0", 16)) : [255, 255, 255];
}

/** Numbers and times by their size, texts as the statement has them. */
function inOrder(cells: Cell[], column: Column | undefined): Cell[] {
  if (isNumber(column)) return [...cells].sort((a, b) => (toNumber(a) ?? Infinity) - (toNumber(b) ?? Infinity));
  return isTime(column) ? [...cells].sort((a, b) => String(a).localeCompare(String(b))) : cells;
}

function grid(brush: Brush): Drawing {
  const { table, ink, width } = brush;
  const { tile } = table;
  const y = tile.y?.[0];
  const rows = table.data.rows;
  const unique = (name: string | undefined) => [...new Map(rows.map((row) => [String(table.cell(row, name) ?? null), table.cell(row, name) ?? null])).values()];
  const xs = inOrder(unique(tile.x), table.column(tile.x));
  const ys = inOrder(unique(y), table.column(y));
  const values = rows.map((row) => toNumber(table.cell(row, tile.value)) ?? 0);
  // Everybody is there in a cohort's first period: the scale goes by the others, which would be pale alike beside it.
  const later = tile.type === "cohort" ? values.filter((_, at) => String(table.cell(rows[at] ?? [], tile.x)) !== String(xs[0])) : values;
  const high = Math.max(...(later.length > 0 ? later : values), 1e-9);
  const fits = (width - 90) / Math.max(1, xs.length) > 36;
  const xOf = new Map(xs.map((x, at) => [String(x), at]));
  const yOf = new Map(ys.map((value, at) => [String(value), at]));
  return {
    option: {
      ...base(brush),
      grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
      xAxis: { ...axisCategory(brush, xs, tile.x, 12), splitArea: { show: false }, axisLine: { show: false } },
      yAxis: { ...axisCategory(brush, ys, y, 16), inverse: true, axisLine: { show: false } },
      visualMap: scale(brush, later.length > 0 ? later : values),
      tooltip: {
        ...tooltip(brush),
        trigger: "item",
        formatter: (point: { dataIndex: number }) => {
          const row = rows[point.dataIndex] ?? [];
          const place = `${table.write(table.cell(row, y), y)} · ${table.write(table.cell(row, tile.x), tile.x)}`;
          return tip("", place, table.exact(table.cell(row, tile.value), tile.value));
        },
      },
      series: [
        {
          id: "cells",
          type: "heatmap",
          cursor: tile.cross_filter || tile.drill ? "pointer" : "default",
          itemStyle: { borderColor: ink.surface, borderWidth: 1 },
          label: { show: fits, fontSize: 11, formatter: (point: { dataIndex: number }) => table.write(table.cell(rows[point.dataIndex] ?? [], tile.value), tile.value, true) },
          data: rows.map((row, at) => ({
            value: [xOf.get(String(table.cell(row, tile.x) ?? null)) ?? 0, yOf.get(String(table.cell(row, y) ?? null)) ?? 0, values[at] ?? 0],
            label: { color: inkOn(ink, Math.min(1, (values[at] ?? 0) / high)) },
          })),
        },
      ],
    },
    rowAt: (_, at) => rows[at],
  };
}

function map(brush: Brush): Drawing {
  const { table, ink } = brush;
  const { tile } = table;
  const roomy = brush.width / kColumns > 88;
  const byState = new Map(table.data.rows.map((row) => [String(table.cell(row, tile.region) ?? "").toUpperCase(), row]));
  const codes = Object.keys(kStates);
  const values = codes.map((code) => toNumber(table.cell(byState.get(code) ?? [], tile.value)));
  const known = values.filter((value): value is number => value !== null);
  const high = Math.max(...known, 1e-9);
  return {
    option: {
      ...base(brush),
      grid: { left: 4, right: 4, top: 4, bottom: 4 },
      xAxis: { type: "category", show: false, data: Array.from({ length: kColumns }, (_, at) => String(at)) },
      yAxis: { type: "category", show: false, inverse: true, data: Array.from({ length: kRows }, (_, at) => String(at)) },
      visualMap: scale(brush, known),
      tooltip: {
        ...tooltip(brush),
        trigger: "item",
        formatter: (point: { dataIndex: number }) => {
          const code = codes[point.dataIndex] ?? "";
          const value = values[point.dataIndex];
          return tip("", kStates[code]?.name ?? code, value === null ? "no rows" : table.exact(value ?? null, tile.value));
        },
      },
      series: [
        {
          id: "cells",
          type: "heatmap",
          cursor: tile.cross_filter || tile.drill ? "pointer" : "default",
          itemStyle: { borderColor: ink.surface, borderWidth: 3, borderRadius: 4 },
          label: {
            show: true,
            fontSize: 12,
            formatter: (point: { dataIndex: number }) => {
              const value = values[point.dataIndex];
              const code = codes[point.dataIndex] ?? "";
              return roomy && value !== null && value !== undefined ? `${code}  ${table.write(value, tile.value, true)}` : code;
            },
          },
          data: codes.map((code, at) => {
            const place = kStates[code];
            const value = values[at];
            const isKnown = value !== null && value !== undefined;
            return {
              value: [place?.column ?? 0, place?.row ?? 0, isKnown ? value : 0],
              label: { color: isKnown ? inkOn(ink, value / high) : ink.muted },
              ...(isKnown ? {} : { visualMap: false, itemStyle: { color: ink.line } }),
            };
          }),
        },
      ],
    },
    rowAt: (_, at) => byState.get(codes[at] ?? ""),
  };
}
