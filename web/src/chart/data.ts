// The rows of a tile, by the encodings that its definition names.
import type { Cell, Column, ColumnFormat, Tile, TileData } from "../api";
import { labelOf, toNumber, write } from "../format";

export class Table {
  private readonly places = new Map<string, number>();
  private readonly months = new Map<string, boolean>();

  constructor(
    readonly tile: Tile,
    readonly data: TileData,
  ) {
    data.columns.forEach((column, at) => this.places.set(column.name, at));
  }

  at(name: string | undefined): number {
    return name === undefined ? -1 : (this.places.get(name) ?? -1);
  }

  column(name: string | undefined): Column | undefined {
    return this.data.columns[this.at(name)];
  }

  format(name: string | undefined): ColumnFormat {
    const given = (name !== undefined && this.tile.columns?.[name]) || {};
    return given.format || !this.isMonths(name) ? given : { ...given, format: "month" };
  }

  /** Whether a column of dates has first days of months only: then it means the months. */
  private isMonths(name: string | undefined): boolean {
    if (name === undefined || this.column(name)?.kind !== "date") return false;
    let known = this.months.get(name);
    if (known === undefined) {
      const days = new Set(this.data.rows.map((row) => String(this.cell(row, name) ?? "")).filter(Boolean));
      known = days.size > 1 && [...days].every((day) => day.endsWith("-01"));
      this.months.set(name, known);
    }
    return known;
  }

  label(name: string): string {
    return labelOf(name, this.format(name));
  }

  cell(row: Cell[], name: string | undefined): Cell | undefined {
    const at = this.at(name);
    return at < 0 ? undefined : row[at];
  }

  write(cell: Cell | undefined, name: string | undefined, short = false): string {
    const written = write(cell, this.column(name), this.format(name), short);
    return written.unit ? `${written.text} ${written.unit}` : written.text;
  }

  /** For an axis, where round values need no decimals. */
  tick(value: number, name: string | undefined): string {
    const format = this.format(name);
    const written = write(value, this.column(name), Number.isInteger(value) ? { ...format, decimals: format.format === "percent" ? format.decimals ?? 0 : 0 } : format, true);
    return written.unit ? `${written.text} ${written.unit}` : written.text;
  }

  /** With all digits. */
  exact(cell: Cell | undefined, name: string | undefined): string {
    const written = write(cell, this.column(name), this.format(name));
    return written.unit ? `${written.exact} ${written.unit}` : written.exact;
  }
}

export interface Series {
  name: string;
  column: string; // whose format its values have
  values: (number | null)[]; // one per x
  rows: (Cell[] | undefined)[];
  isPrevious: boolean;
}

export interface Plot {
  xs: Cell[];
  series: Series[];
}

/** One series per y column, or one per value of the series column; and the previous period, last. */
export function plotOf(table: Table): Plot {
  const { tile, data } = table;
  const xs: Cell[] = [];
  const places = new Map<string, number>();
  for (const row of data.rows) {
    const x = table.cell(row, tile.x) ?? null;
    if (!places.has(String(x))) {
      places.set(String(x), xs.length);
      xs.push(x);
    }
  }
  const series = new Map<string, Series>();
  const ys = tile.y ?? (tile.value ? [tile.value] : []);
  const put = (name: string, column: string, row: Cell[], isPrevious: boolean) => {
    let entry = series.get(name);
    if (!entry) {
      entry = { name, column, values: xs.map(() => null), rows: xs.map(() => undefined), isPrevious };
      series.set(name, entry);
    }
    const place = places.get(String(table.cell(row, tile.x) ?? null)) ?? 0;
    entry.values[place] = toNumber(table.cell(row, column));
    entry.rows[place] = row;
  };
  for (const row of data.rows) {
    if (tile.series) {
      const column = ys[0] ?? "";
      put(table.write(table.cell(row, tile.series), tile.series), column, row, false);
    } else {
      for (const column of ys) put(table.label(column), column, row, false);
    }
  }
  if (tile.previous) {
    for (const row of data.rows) put(table.label(tile.previous), tile.previous, row, true);
  }
  return { xs, series: [...series.values()] };
}

/** A sentence or two that say what the chart shows. */
export function summarise(table: Table): string {
  const { tile, data } = table;
  if (data.rows.length === 0) return "No rows for these filters.";
  const kinds: Record<string, string> = {
    line: "Line chart",
    area: "Area chart",
    bar: "Bar chart",
    stacked: "Stacked chart",
    heatmap: "Heat map",
    cohort: "Cohort grid",
    funnel: "Funnel",
    pie: "Pie chart",
    map: "Map of the Brazilian states",
  };
  const kind = kinds[tile.type] ?? "Chart";
  const name = tile.label ?? tile.region;
  if ((tile.type === "pie" || tile.type === "funnel" || tile.type === "map") && name) {
    const sorted = [...data.rows].sort((a, b) => (toNumber(table.cell(b, tile.value)) ?? 0) - (toNumber(table.cell(a, tile.value)) ?? 0));
    const parts = sorted.slice(0, 3).map((row) => `${table.write(table.cell(row, name), name)} ${table.write(table.cell(row, tile.value), tile.value)}`);
    return `${kind} of ${data.rows.length} parts. Largest: ${parts.join(", ")}.`;
  }
  if (tile.type === "heatmap" || tile.type === "cohort") {
    return `${kind} of ${data.rows.length} cells, ${table.label(tile.value ?? "")} by ${table.label(tile.x ?? "")} and ${table.label(tile.y?.[0] ?? "")}.`;
  }
  const plot = plotOf(table);
  const first = table.write(plot.xs[0], tile.x);
  const last = table.write(plot.xs[plot.xs.length - 1], tile.x);
  const parts = plot.series.slice(0, 3).map((series) => {
    let low = 0;
    let high = 0;
    series.values.forEach((value, at) => {
      if (value === null) return;
      if (value < (series.values[low] ?? Infinity)) low = at;
      if (value > (series.values[high] ?? -Infinity)) high = at;
    });
    const tell = (at: number) => `${table.write(series.values[at] ?? null, series.column)} (${table.write(plot.xs[at], tile.x)})`;
    return `${series.name}: lowest ${tell(low)}, highest ${tell(high)}`;
  });
  const more = plot.series.length > 3 ? ` and ${plot.series.length - 3} more` : "";
  return `${kind} from ${first} to ${last}. ${parts.join("; ")}${more}.`;
}
