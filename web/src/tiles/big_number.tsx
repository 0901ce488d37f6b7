// One figure, how it moved, and the way it came.
import { useEffect, useRef } from "preact/hooks";

import type { Cell, Tile, TileData } from "../api";
import { Table } from "../chart/data";
import { toNumber, write } from "../format";

export function BigNumber({ tile, data }: { tile: Tile; data: TileData }) {
  const table = new Table(tile, data);
  const last = data.rows[data.rows.length - 1] ?? [];
  const cell = table.cell(last, tile.value);
  const format = table.format(tile.value);
  const written = write(cell, table.column(tile.value), format, true);
  const before = tile.compare ? table.cell(last, tile.compare) : table.cell(data.rows[data.rows.length - 2] ?? [], tile.value);
  const number = useRef<HTMLSpanElement>(null);
  const known = useRef<string | null>(null);
  useEffect(() => {
    if (known.current !== null && known.current !== written.exact) flash(number.current);
    known.current = written.exact;
  }, [written.exact]);
  const points = tile.x ? data.rows.map((row) => toNumber(table.cell(row, tile.value))) : [];
  return (
    <div class="big">
      <div class="big-row">
        <span class="big-number" ref={number} title={written.exact} data-exact={String(cell ?? "")}>
          {written.text}
          {written.unit && <span class="unit"> {written.unit}</span>}
        </span>
        <Delta now={toNumber(cell)} before={toNumber(before)} format={format.format} good={format.good ?? "up"} said={table.write(before, tile.value, true)} />
      </div>
      {points.length > 1 && <Sparkline points={points} />}
    </div>
  );
}

function flash(element: HTMLElement | null): void {
  if (!element) return;
  element.classList.remove("flash");
  void element.offsetWidth;
  element.classList.add("flash");
}

interface DeltaProps {
  now: number | null;
  before: number | null;
  format: string | undefined;
  good: "up" | "down";
  said: string;
}

/** Against the figure before: in points for shares, in per cent for the rest. */
function Delta({ now, before, format, good, said }: DeltaProps) {
  if (now === null || before === null || (before === 0 && format !== "percent")) return null;
  const change = format === "percent" ? (now - before) * 100 : ((now - before) / Math.abs(before)) * 100;
  const unit = format === "percent" ? "pts" : "%";
  const isFlat = Math.abs(change) < 0.05;
  const isGood = isFlat ? null : change > 0 === (good === "up");
  // Beyond ten times as much, per cent say little.
  const times = format !== "percent" && change >= 900;
  const amount = times ? now / before : isFlat ? 0 : change;
  const shown = new Intl.NumberFormat(undefined, { maximumFractionDigits: times ? 0 : 1, signDisplay: times ? "never" : "exceptZero" }).format(amount);
  return (
    <span class={`delta ${isGood === null ? "" : isGood ? "good" : "bad"}`} title={`before: ${said}`}>
      <span aria-hidden="true">{isFlat ? "→" : change > 0 ? "▲" : "▼"}</span> {shown} {times ? "times" : unit} <span class="muted">from {said}</span>
    </span>
  );
}

export function Sparkline({ points }: { points: Cell[] }) {
  const values = points.map((point) => toNumber(point));
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return null;
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const width = 100;
  const height = 28;
  const place = (value: number, at: number) => `${((at / (values.length - 1)) * width).toFixed(2)},${(height - 2 - ((value - low) / span) * (height - 4)).toFixed(2)}`;
  const path = values.map((value, at) => (value === null ? "" : place(value, at))).filter(Boolean).join(" ");
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={path} fill="none" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
