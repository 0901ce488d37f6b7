// Numbers, dates and ages as people read them, in the language of the browser.
import type { Cell, Column, ColumnFormat } from "./api";

export interface Written {
  text: string; // shortened where `short` was asked for
  exact: string; // with all digits that were asked for
  unit: string; // lighter, after the number; empty for most
}

const kEmpty: Written = { text: "–", exact: "no value", unit: "" };

export function isNumber(column: Column | undefined): boolean {
  return column !== undefined && ["integer", "decimal", "float"].includes(column.kind);
}

export function isTime(column: Column | undefined): boolean {
  return column !== undefined && ["date", "timestamp"].includes(column.kind);
}

export function toNumber(cell: Cell | undefined): number | null {
  if (cell === null || cell === undefined || cell === "") return null;
  const number = typeof cell === "number" ? cell : Number(cell);
  return Number.isFinite(number) ? number : null;
}

/** The name of a column for people: its label, else the name with spaces. */
export function labelOf(name: string, format?: ColumnFormat): string {
  if (format?.label) return format.label;
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function write(cell: Cell | undefined, column: Column | undefined, format: ColumnFormat = {}, short = false): Written {
  if (cell === null || cell === undefined) return kEmpty;
  const kind = format.format ?? kindOf(column);
  if (kind === "text") return plain(String(cell));
  if (["date", "month", "week", "datetime", "timestamp"].includes(kind)) return plain(writeTime(String(cell), kind));
  const number = toNumber(cell);
  if (number === null) return plain(typeof cell === "object" ? JSON.stringify(cell) : String(cell));
  return writeNumber(number, kind, format, short);
}

function plain(text: string): Written {
  return { text, exact: text, unit: "" };
}

function kindOf(column: Column | undefined): string {
  switch (column?.kind) {
    case "integer":
      return "integer";
    case "decimal":
    case "float":
      return "number";
    case "date":
      return "date";
    case "timestamp":
      return "datetime";
    default:
      return "text";
  }
}

function writeNumber(number: number, kind: string, format: ColumnFormat, short: boolean): Written {
  const unit = format.unit ?? "";
  if (kind === "percent") {
    const decimals = format.decimals ?? 1;
    const options = { style: "percent", minimumFractionDigits: decimals, maximumFractionDigits: decimals } as const;
    return { text: formatted(number, options), exact: formatted(number, { ...options, maximumFractionDigits: 4 }), unit };
  }
  if (kind === "bytes") return { text: writeBytes(number), exact: `${formatted(number, {})} B`, unit };
  if (kind === "duration_days") {
    const decimals = format.decimals ?? 1;
    return { text: formatted(number, { maximumFractionDigits: decimals }), exact: formatted(number, { maximumFractionDigits: 4 }), unit: unit || "days" };
  }
  const decimals = format.decimals ?? (kind === "integer" ? 0 : kind === "currency" ? 2 : Math.abs(number) >= 1000 ? 0 : 2);
  const style: Intl.NumberFormatOptions =
    kind === "currency" ? { style: "currency", currency: format.currency ?? "BRL", currencyDisplay: "narrowSymbol" } : {};
  const exact = formatted(number, { ...style, maximumFractionDigits: Math.max(decimals, kind === "integer" ? 0 : 2), minimumFractionDigits: kind === "currency" ? decimals : 0 });
  if (short && Math.abs(number) >= 10_000) {
    return { text: formatted(number, { ...style, notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 }), exact, unit };
  }
  return {
    text: formatted(number, { ...style, maximumFractionDigits: decimals, minimumFractionDigits: kind === "integer" ? 0 : decimals }),
    exact,
    unit,
  };
}

const formats = new Map<string, Intl.NumberFormat>();

function formatted(number: number, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(undefined, options);
    formats.set(key, format);
  }
  return format.format(number);
}

export function writeBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let at = 0;
  let size = bytes;
  while (Math.abs(size) >= 1024 && at < units.length - 1) {
    size /= 1024;
    at += 1;
  }
  return `${formatted(size, { maximumFractionDigits: at === 0 ? 0 : 1 })} ${units[at]}`;
}

/** Dates are days of a calendar, without a zone; timestamps without one are shown as they stand. */
export function parseTime(text: string): Date | null {
  const match = /^(-?\d{4,})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text);
  if (!match) return null;
  if (match[7]) return new Date(text.replace(" ", "T"));
  const [, year, month, day, hour, minute, second] = match;
  return new Date(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0));
}

export function writeTime(text: string, kind: string): string {
  const time = parseTime(text);
  if (!time) return text;
  switch (kind) {
    case "month":
      return new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" }).format(time);
    case "datetime":
    case "timestamp":
      return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(time);
    default:
      return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(time);
  }
}

/** How long ago, in the largest unit that fits: "3 min ago". */
export function writeAge(seconds: number): string {
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [60, "second"],
    [60, "minute"],
    [24, "hour"],
    [7, "day"],
    [52, "week"],
    [Infinity, "year"],
  ];
  let amount = Math.max(0, seconds);
  for (const [size, unit] of steps) {
    if (amount < size) {
      return new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" }).format(-Math.floor(amount), unit);
    }
    amount /= size;
  }
  return "";
}

export function writeSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${formatted(seconds, { maximumFractionDigits: 1 })} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Splits a finished text: everything after the last column that fits is left out, with how much that was. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = Math.floor((length - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}
