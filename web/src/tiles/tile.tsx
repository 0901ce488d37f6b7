// The frame of a tile: title, menu, what it shows, and what stands behind it.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import type { Cell, Problem, Tile, TileData } from "../api";
import { summarise, Table } from "../chart/data";
import type { Palette } from "../chart/palette";
import { ChartView } from "../chart/view";
import { BigNumber } from "./big_number";
import { CopyButton, Dialog } from "./dialog";
import { Age, QualityMark } from "./status";
import { TableView } from "./table";
import { Markdown } from "./text";
import { VersionsDialog } from "./versions";

export interface TileState {
  data?: TileData;
  problem?: Problem;
}

interface Props {
  dashboard: string;
  tile: Tile;
  state: TileState;
  palette: Palette;
  now: number;
  query: string; // filters and grain, for the export
  onRow: ((tile: Tile, data: TileData, row: Cell[]) => void) | undefined;
  onAsOf: (time: string) => void;
}

export function TileFrame({ dashboard, tile, state, palette, now, query, onRow, onAsOf }: Props) {
  const [asTable, setAsTable] = useState(false);
  const [sql, setSql] = useState<"sql" | "client" | null>(null);
  const [versions, setVersions] = useState<string | null>(null);
  const picture = useRef<(() => string) | null>(null);
  const onPicture = useCallback((take: () => string) => void (picture.current = take), []);
  const data = state.data;
  const clicked = useRef(onRow);
  clicked.current = onRow;
  const clickable = onRow !== undefined && (tile.drill != null || Object.keys(tile.cross_filter ?? {}).length > 0);
  const pick = useCallback((row: Cell[]) => data && clicked.current?.(tile, data, row), [tile, data]);
  const isChart = !["big_number", "table", "text"].includes(tile.type);
  const address = `/api/v1/dashboards/${encodeURIComponent(dashboard)}/tiles/${encodeURIComponent(tile.name)}`;
  if (tile.type === "text") {
    return (
      <section class="tile text" style={place(tile)} aria-label={tile.title || "Text"}>
        {tile.title && <h2>{tile.title}</h2>}
        <Markdown text={tile.text ?? ""} />
      </section>
    );
  }
  const savePicture = () => picture.current && download(picture.current(), `${dashboard}-${tile.name}.png`);
  return (
    <section class={`tile ${tile.type}`} style={place(tile)} aria-labelledby={`tile-${tile.name}`} data-tile={tile.name} data-state={stateOf(state)}>
      <header>
        <div>
          <h2 id={`tile-${tile.name}`} title={tile.title}>
            {tile.title}
          </h2>
          {tile.description && (
            <p class="muted" title={tile.description}>
              {tile.description}
            </p>
          )}
        </div>
        <Menu
          title={tile.title}
          entries={[
            ...(isChart && data ? [{ label: asTable ? "Show as chart" : "Show as table", act: () => setAsTable(!asTable) }] : []),
            ...(data ? [{ label: "SQL", act: () => setSql("sql") }] : []),
            ...(data ? [{ label: "Open in a SQL client", act: () => setSql("client") }] : []),
            ...(data?.tables ?? []).slice(0, 2).map(({ table }) => ({ label: `As of a version of ${table}`, act: () => setVersions(table) })),
            ...(data?.tables ?? []).slice(0, 4).map(({ table }) => ({ label: `Lineage of ${table}`, href: `/tables/${table.replace(".", "/")}` })),
            { label: "Export CSV", href: `${address}?${query}${query ? "&" : ""}format=csv`, download: true },
            ...(isChart && data && !asTable ? [{ label: "Export PNG", act: savePicture }] : []),
          ]}
        />
      </header>
      <Body tile={tile} state={state} asTable={asTable} palette={palette} onRow={clickable ? pick : undefined} onPicture={onPicture} />
      {data && (
        <footer>
          <Age freshness={data.freshness} now={now} />
          <span title={data.tables.map(({ table, version }) => `${table} at version ${version}`).join("\n")}>
            {data.tables.length === 1 ? `v${data.tables[0]?.version}` : data.tables.length > 1 ? `${data.tables.length} tables` : ""}
          </span>
          <QualityMark quality={data.quality} />
          {data.truncated && <span class="status warn">first {data.rows.length} rows</span>}
        </footer>
      )}
      {versions && <VersionsDialog table={versions} onChoose={(time) => (setVersions(null), onAsOf(time))} onClose={() => setVersions(null)} />}
      {sql && data && <SqlDialog title={tile.title} data={data} kind={sql} onClose={() => setSql(null)} />}
    </section>
  );
}

function place(tile: Tile): Record<string, string> {
  return { "--width": String(tile.width), "--height": String(tile.height) };
}

function stateOf(state: TileState): string {
  if (state.problem) return "failed";
  if (!state.data) return "loading";
  return state.data.rows.length === 0 ? "empty" : state.data.freshness?.stale ? "stale" : "ready";
}

interface BodyProps {
  tile: Tile;
  state: TileState;
  asTable: boolean;
  palette: Palette;
  onRow: ((row: Cell[]) => void) | undefined;
  onPicture: (take: () => string) => void;
}

function Body({ tile, state, asTable, palette, onRow, onPicture }: BodyProps) {
  const { data, problem } = state;
  if (problem) {
    return (
      <div class="body failed" role="alert">
        <p>
          <strong>{problem.code ?? `Error ${problem.status}`}</strong> {problem.detail}
        </p>
        {problem.hint && <p class="muted">{problem.hint}</p>}
      </div>
    );
  }
  if (!data) return <div class="body skeleton" aria-busy="true" aria-label="Loading" />;
  if (data.rows.length === 0) return <div class="body empty muted">No rows for these filters.</div>;
  if (tile.type === "big_number") return <BigNumber tile={tile} data={data} />;
  if (tile.type === "table" || asTable) {
    const fits = tile.type === "table" && tile.page_size === undefined;
    return <TableView tile={tile} data={data} pageSize={tile.page_size ?? (fits ? 50 : 20)} fits={fits} onRow={onRow} />;
  }
  return (
    <>
      <ChartView tile={tile} data={data} palette={palette} onRow={onRow} onPicture={onPicture} />
      <p class="unseen">{summarise(new Table(tile, data))}</p>
    </>
  );
}

interface Entry {
  label: string;
  act?: () => void;
  href?: string;
  download?: boolean;
}

function Menu({ title, entries }: { title: string; entries: Entry[] }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    (list.current?.firstElementChild as HTMLElement | null)?.focus();
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== "Escape") return;
      if (event.type === "pointerdown" && box.current?.contains(event.target as Node)) return;
      setOpen(false);
      if (event instanceof KeyboardEvent) button.current?.focus();
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, [open]);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const items = [...(list.current?.children ?? [])] as HTMLElement[];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + step + items.length) % items.length]?.focus();
  };
  return (
    <div class="menu" ref={box}>
      <button ref={button} type="button" class="icon" aria-haspopup="menu" aria-expanded={open} aria-label={`Menu of: ${title}`} onClick={() => setOpen(!open)}>
        ⋯
      </button>
      {open && (
        <div role="menu" ref={list} onKeyDown={move}>
          {entries.map((entry) =>
            entry.href ? (
              <a role="menuitem" href={entry.href} {...(entry.download ? { download: "" } : {})} onClick={() => setOpen(false)} key={entry.label}>
                {entry.label}
              </a>
            ) : (
              <button type="button" role="menuitem" onClick={() => (setOpen(false), entry.act?.())} key={entry.label}>
                {entry.label}
              </button>
            ),
          )}
        </div>
      )}
    </div>
  );
}

/** The statement with its values in place, as a SQL client takes it. */
export function statementOf(data: TileData): string {
  return data.sql.replace(/\$(\d+)/g, (whole, digits: string) => {
    const at = Number(digits) - 1;
    if (at >= data.parameters.length) return whole;
    const value = data.parameters[at];
    return value === null || value === undefined ? "NULL" : `'${value.replaceAll("'", "''")}'`;
  });
}

function SqlDialog({ title, data, kind, onClose }: { title: string; data: TileData; kind: "sql" | "client"; onClose: () => void }) {
  const statement = statementOf(data);
  return (
    <Dialog title={kind === "sql" ? `SQL of: ${title}` : "Open in a SQL client"} onClose={onClose}>
      {kind === "client" && (
        <p>
          Any PostgreSQL client connects to this server: host <code>{location.hostname}</code>, database <code>lake</code>, the port that{" "}
          <code>smelt serve</code> named when it began (5433 by default). The statement of this tile, with its filters:
        </p>
      )}
      <pre tabIndex={0}>{statement}</pre>
      <div class="actions">
        <CopyButton text={statement} label="Copy the statement" />
        <span class="muted">
          {data.rows.length} rows in {data.ms.toFixed(1)} ms
        </span>
      </div>
    </Dialog>
  );
}

function download(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
