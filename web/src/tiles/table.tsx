// Rows as a table: sorted by a click on a head, a page at a time.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Cell, Tile, TileData } from "../api";
import { Table } from "../chart/data";
import { isNumber, toNumber } from "../format";

interface Props {
  tile: Tile;
  data: TileData;
  pageSize: number;
  fits?: boolean; // a page has what fits into the box, pageSize at most, and is never cut
  onRow?: ((row: Cell[]) => void) | undefined;
}

const kRowsMin = 3;
const kPagerHeight = 34;

/** The rows that a box is high enough for, of so many; nothing before it is laid out. A box that grows with its rows has
 * room for those that it has. */
function fittingRows(box: HTMLElement, rows: number): number | null {
  const height = (selector: string) => box.querySelector(selector)?.getBoundingClientRect().height ?? 0;
  const row = height("tbody tr");
  const scroll = box.querySelector<HTMLElement>(".table-scroll");
  if (!row || !scroll) return null;
  const bar = scroll.offsetHeight - scroll.clientHeight; // to scroll sideways
  const room = box.getBoundingClientRect().height - height("thead") - bar + 0.5;
  const all = Math.floor(room / row);
  return rows <= all ? all : Math.max(kRowsMin, Math.floor((room - (height(".pager") || kPagerHeight)) / row));
}

/** How many rows a page has: `most`, or as many as fit into the box if they are to fit. */
function usePageSize(most: number, rows: number, fits: boolean): [number, { current: HTMLDivElement | null }] {
  const box = useRef<HTMLDivElement>(null);
  const [fitting, setFitting] = useState(most);
  const look = () => {
    const found = fits && box.current && fittingRows(box.current, rows);
    if (found) setFitting(found);
  };
  useLayoutEffect(look);
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(look);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [rows, fits]);
  return [Math.min(fitting, most), box];
}

export function TableView({ tile, data, pageSize: most, fits, onRow }: Props) {
  const [pageSize, box] = usePageSize(most, data.rows.length, fits === true);
  const [sort, setSort] = useState<{ at: number; down: boolean } | null>(null);
  const [page, setPage] = useState(0);
  const table = new Table(tile, data);
  const shown = data.columns.map((column, at) => ({ column, at })).filter(({ column }) => !table.format(column.name).hidden);
  const rows = sort ? sorted(data.rows, sort.at, sort.down) : data.rows;
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const current = Math.min(page, pages - 1);
  const order = (at: number) => setSort((before) => ({ at, down: before?.at === at ? !before.down : isNumber(data.columns[at]) }));
  return (
    <div class="table-box" ref={box}>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={`Rows of: ${tile.title}`}>
        <table class="rows">
          <thead>
            <tr>
              {shown.map(({ column, at }) => (
                <th key={column.name} class={isNumber(column) ? "number" : ""} aria-sort={sort?.at === at ? (sort.down ? "descending" : "ascending") : "none"}>
                  <button type="button" onClick={() => order(at)} title={table.format(column.name).description ?? column.type}>
                    {table.label(column.name)}
                    <span aria-hidden="true">{sort?.at === at ? (sort.down ? " ↓" : " ↑") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(current * pageSize, (current + 1) * pageSize).map((row, line) => (
              <tr key={line} class={onRow ? "clickable" : ""} onClick={onRow ? () => onRow(row) : undefined}>
                {shown.map(({ column, at }, place) => (
                  <td key={column.name} class={isNumber(column) ? "number" : ""} title={table.exact(row[at], column.name)}>
                    {table.format(column.name).bar && <Bar value={toNumber(row[at])} all={rows.map((other) => toNumber(other[at]) ?? 0)} />}
                    {onRow && place === 0 ? (
                      <button type="button" class="link" onClick={(event) => (event.stopPropagation(), onRow(row))}>
                        {table.write(row[at], column.name)}
                      </button>
                    ) : (
                      table.write(row[at], column.name)
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(pages > 1 || data.truncated) && (
        <div class="pager">
          <button type="button" disabled={current === 0} onClick={() => setPage(current - 1)} aria-label="Page before">
            ‹
          </button>
          <span>
            {current * pageSize + 1}–{Math.min(rows.length, (current + 1) * pageSize)} of {new Intl.NumberFormat().format(rows.length)}
            {data.truncated ? " and more: export has all" : ""}
          </span>
          <button type="button" disabled={current >= pages - 1} onClick={() => setPage(current + 1)} aria-label="Next page">
            ›
          </button>
        </div>
      )}
    </div>
  );
}

function Bar({ value, all }: { value: number | null; all: number[] }) {
  const high = Math.max(...all, 0);
  if (value === null || value <= 0 || high <= 0) return null;
  return (
    <svg class="cell-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect width={(value / high) * 100} height="4" />
    </svg>
  );
}

function sorted(rows: Cell[][], at: number, down: boolean): Cell[][] {
  const compare = (a: Cell | undefined, b: Cell | undefined) => {
    if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
    if (b === null || b === undefined) return -1;
    const one = toNumber(a);
    const other = toNumber(b);
    const order = one !== null && other !== null ? one - other : String(a).localeCompare(String(b));
    return down ? -order : order;
  };
  return [...rows].sort((a, b) => compare(a[at], b[at]));
}
