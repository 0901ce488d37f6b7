// The filters of a dashboard in the address: absent is the default, empty is everything.
import type { Filter, Range } from "./api";

/** Parameters that are not filters. */
export const kReserved = ["page", "grain", "as_of"];

export type Chosen =
  | { kind: "range"; from: string; to: string }
  | { kind: "values"; values: string[] }
  | { kind: "text"; text: string };

export function isRange(filter: Filter): boolean {
  return filter.type === "date_range" || filter.type === "number_range";
}

/** What a filter stands at: what the address says, else its default. */
export function chosenOf(filter: Filter, query: URLSearchParams): Chosen {
  const given = query.getAll(filter.url);
  if (isRange(filter)) {
    if (given.length > 0) {
      const [from = "", to = ""] = (given[0] ?? "").split("..");
      return { kind: "range", from, to };
    }
    const range = filter.default as Range | null;
    return { kind: "range", from: range?.from ?? "", to: range?.to ?? "" };
  }
  if (filter.type === "text") {
    return { kind: "text", text: given[0] ?? (typeof filter.default === "string" ? filter.default : (filter.default as string[] | null)?.[0] ?? "") };
  }
  if (given.length > 0) return { kind: "values", values: given.filter((value) => value !== "") };
  const preset = filter.default;
  return { kind: "values", values: Array.isArray(preset) ? preset : typeof preset === "string" ? [preset] : [] };
}

function parametersOf(chosen: Chosen): string[] {
  switch (chosen.kind) {
    case "range":
      return [chosen.from || chosen.to ? `${chosen.from}..${chosen.to}` : ""];
    case "text":
      return [chosen.text];
    case "values":
      return chosen.values.length > 0 ? chosen.values : [""];
  }
}

/** The address's parameters with one filter set; what equals the default is left out. */
export function withFilter(filter: Filter, query: URLSearchParams, chosen: Chosen): URLSearchParams {
  const next = new URLSearchParams(query);
  next.delete(filter.url);
  const parameters = parametersOf(chosen);
  const standing = parametersOf(chosenOf(filter, new URLSearchParams()));
  if (parameters.join("\n") !== standing.join("\n")) {
    for (const parameter of parameters) next.append(filter.url, parameter);
  }
  return next;
}

/** A click on a value: sets the filter to it, or back to its default when it was that already. */
export function withToggled(filter: Filter, query: URLSearchParams, value: string): URLSearchParams {
  const chosen = chosenOf(filter, query);
  const next = new URLSearchParams(query);
  next.delete(filter.url);
  if (filter.type === "text") return withFilter(filter, query, { kind: "text", text: value });
  if (isRange(filter)) return withFilter(filter, query, { kind: "range", from: value, to: value });
  const isSet = chosen.kind === "values" && chosen.values.length === 1 && chosen.values[0] === value;
  return isSet ? next : withFilter(filter, query, { kind: "values", values: [value] });
}

/** What a request for data carries: what this dashboard knows, for the server refuses the rest; not the page. */
export function dataQuery(query: URLSearchParams, known: { filters: Filter[]; grains: string[] }): string {
  const names = new Set(known.filters.map((filter) => filter.url));
  const next = new URLSearchParams();
  for (const [name, value] of query) {
    const isGrain = name === "grain" && known.grains.includes(value);
    if (names.has(name) || isGrain || (name === "as_of" && value !== "")) next.append(name, value);
  }
  return next.toString();
}

export function address(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export function changedFilters(filters: Filter[], query: URLSearchParams): Filter[] {
  return filters.filter((filter) => query.has(filter.url));
}
