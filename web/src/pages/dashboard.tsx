// A dashboard: its pages, filters and tiles, all in the address.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { type Cell, type Dashboard, type Filter, get, type Problem, problemFrom, type Tile, type TileData } from "../api";
import { Palette } from "../chart/palette";
import { address, changedFilters, type Chosen, dataQuery, withFilter, withToggled } from "../filters";
import { navigate, useLocation } from "../location";
import { TileFrame } from "../tiles/tile";
import { FilterControl } from "./controls";
import { useTiles } from "./live";
import { Failed, useNow, useTitle } from "./shared";

export function DashboardPage({ name }: { name: string }) {
  const [definition, setDefinition] = useState<Dashboard | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback(() => {
    get<Dashboard>(`/api/v1/dashboards/${encodeURIComponent(name)}`)
      .then((loaded) => (setDefinition(loaded), setProblem(null)))
      .catch((failure: unknown) => setProblem(problemFrom(failure)));
  }, [name]);
  useEffect(() => {
    setDefinition(null);
    load();
  }, [load]);
  useTitle(definition?.title ?? name);
  if (problem) return <Failed problem={problem} />;
  if (!definition) return <div class="skeleton page" aria-busy="true" aria-label="Loading" />;
  return <View definition={definition} onDefinition={load} />;
}

function View({ definition, onDefinition }: { definition: Dashboard; onDefinition: () => void }) {
  const { path, query } = useLocation();
  const now = useNow(10_000);
  const [sheet, setSheet] = useState(false);
  const palettes = useRef(new Map<string, Palette>());
  const palette = useMemo(() => {
    const known = palettes.current.get(definition.name) ?? new Palette();
    palettes.current.set(definition.name, known);
    return known;
  }, [definition.name]);
  const page = definition.pages.find((candidate) => candidate.name === query.get("page")) ?? definition.pages[0];
  const tiles = page?.tiles ?? [];
  const sent = dataQuery(query, definition);
  const { states, connected } = useTiles(definition.name, tiles, sent, onDefinition);
  const go = (next: URLSearchParams) => navigate(address(path, next));
  const setFilter = (filter: Filter, chosen: Chosen) => go(withFilter(filter, query, chosen));
  const touched = definition.filters.filter((filter) => tiles.some((tile) => filter.tiles.includes(tile.name) || tile.filters?.includes(filter.name)));
  const changed = changedFilters(definition.filters, query);
  const onRow = (tile: Tile, data: TileData, row: Cell[]) => follow(definition, tile, data, row, path, query);
  return (
    <main class="dashboard">
      <header class="page-head">
        <div>
          <h1>{definition.title}</h1>
          {(page?.description || definition.description) && <p class="muted">{page?.description || definition.description}</p>}
        </div>
        <div class="head-right">
          {!connected && !query.has("as_of") && (
            <span class="status warn" role="status">
              <span aria-hidden="true">◷</span> reconnecting
            </span>
          )}
          {query.has("as_of") && (
            <span class="status warn">
              <span aria-hidden="true">◷</span> as of {query.get("as_of")}
            </span>
          )}
          <button type="button" class="sheet-button" aria-expanded={sheet} aria-controls="filters" onClick={() => setSheet(!sheet)}>
            Filters{changed.length > 0 ? ` (${changed.length})` : ""}
          </button>
        </div>
      </header>
      {definition.pages.length > 1 && (
        <nav class="tabs" aria-label="Pages of this dashboard">
          {definition.pages.map((candidate) => (
            <a key={candidate.name} href={address(path, withPage(query, candidate.name, definition))} aria-current={candidate === page ? "page" : undefined}>
              {candidate.title}
            </a>
          ))}
        </nav>
      )}
      <div id="filters" class={`filters ${sheet ? "open" : ""}`}>
        {touched.map((filter) => (
          <FilterControl key={filter.name} filter={filter} query={query} onChange={setFilter} />
        ))}
        {definition.grains.length > 1 && <GrainControl grains={definition.grains} query={query} go={go} />}
        <AsOfControl query={query} go={go} />
        {(changed.length > 0 || query.has("as_of") || query.has("grain")) && (
          <button type="button" class="link" onClick={() => go(query.has("page") ? new URLSearchParams({ page: query.get("page") ?? "" }) : new URLSearchParams())}>
            Reset
          </button>
        )}
        <button type="button" class="sheet-close" onClick={() => setSheet(false)}>
          Done
        </button>
      </div>
      <div class="grid">
        {tiles.map((tile) => (
          <TileFrame key={tile.name} dashboard={definition.name} tile={tile} state={states[tile.name] ?? {}} palette={palette} now={now} query={sent} onRow={onRow} onAsOf={(time) => go(withAsOf(query, time))} />
        ))}
      </div>
    </main>
  );
}

function withPage(query: URLSearchParams, page: string, definition: Dashboard): URLSearchParams {
  const next = new URLSearchParams(query);
  if (page === definition.pages[0]?.name) next.delete("page");
  else next.set("page", page);
  return next;
}

/** A click on a mark: goes where the tile drills down to, or sets the filters that it names. */
function follow(definition: Dashboard, tile: Tile, data: TileData, row: Cell[], path: string, query: URLSearchParams): void {
  const valueOf = (column: string) => {
    const at = data.columns.findIndex((candidate) => candidate.name === column);
    const cell = at < 0 ? null : row[at];
    return cell === null || cell === undefined ? null : String(cell);
  };
  if (tile.drill) {
    const next = new URLSearchParams(query);
    next.delete("page");
    if (tile.drill.page) next.set("page", tile.drill.page);
    for (const [filter, column] of Object.entries(tile.drill.filters ?? {})) {
      const value = valueOf(column);
      if (value !== null) next.set(filter, value);
    }
    navigate(address(tile.drill.dashboard ? `/dashboards/${encodeURIComponent(tile.drill.dashboard)}` : path, next));
    return;
  }
  let next = query;
  for (const [name, column] of Object.entries(tile.cross_filter ?? {})) {
    const filter = definition.filters.find((candidate) => candidate.name === name);
    const value = valueOf(column);
    if (filter && value !== null) next = withToggled(filter, next, value);
  }
  navigate(address(path, next));
}

function GrainControl({ grains, query, go }: { grains: string[]; query: URLSearchParams; go: (next: URLSearchParams) => void }) {
  const set = (grain: string) => {
    const next = new URLSearchParams(query);
    if (grain === grains[0]) next.delete("grain");
    else next.set("grain", grain);
    go(next);
  };
  return (
    <label class="filter">
      <span>By</span>
      <select value={query.get("grain") ?? grains[0]} onChange={(event) => set(event.currentTarget.value)}>
        {grains.map((grain) => (
          <option key={grain} value={grain}>
            {grain.charAt(0).toUpperCase() + grain.slice(1)}
          </option>
        ))}
      </select>
    </label>
  );
}

function withAsOf(query: URLSearchParams, time: string): URLSearchParams {
  const next = new URLSearchParams(query);
  next.delete("as_of");
  if (time) next.set("as_of", time);
  return next;
}

/** Looks at the tables as they were at a time. */
function AsOfControl({ query, go }: { query: URLSearchParams; go: (next: URLSearchParams) => void }) {
  const given = query.get("as_of");
  const local = given && !Number.isNaN(Date.parse(given)) ? new Date(Date.parse(given) - new Date(given).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : "";
  const set = (text: string) => go(withAsOf(query, text ? new Date(text).toISOString().replace(".000Z", "Z") : ""));
  return (
    <label class="filter as-of">
      <span>As of</span>
      <input type="datetime-local" value={local} onChange={(event) => set(event.currentTarget.value)} />
    </label>
  );
}
