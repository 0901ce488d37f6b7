// The tables of the lake by layer; a table with its columns, a look at its rows, and its history.
import { useState } from "preact/hooks";

import type { Cell, Column } from "../api";
import { writeAge, writeBytes, writeTime } from "../format";
import { TableView } from "../tiles/table";
import { Failed, Loading, useAnswer, useNow, useTitle } from "./shared";

interface TableInfo {
  schema: string;
  table: string;
  kind: "table" | "view";
  version?: number;
  committed_at?: string;
  rows?: number | null;
  files?: number;
  bytes?: number;
  partition_columns?: string[];
  columns: { name: string; type: string }[];
}

const kLayers = ["bronze", "silver", "gold"];

export function TablesPage() {
  useTitle("Tables");
  const list = useAnswer<{ tables: TableInfo[] }>("/api/v1/tables", 30_000);
  const [search, setSearch] = useState("");
  const now = useNow(10_000);
  if (list.problem && !list.value) return <Failed problem={list.problem} />;
  if (!list.value) return <Loading />;
  const found = list.value.tables.filter((table) => `${table.schema}.${table.table} ${table.columns.map((column) => column.name).join(" ")}`.toLowerCase().includes(search.toLowerCase()));
  const schemas = [...new Set(found.map((table) => table.schema))].sort((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b));
  return (
    <main>
      <header class="page-head">
        <h1>Tables</h1>
        <input type="search" class="search" placeholder="Find a table or column" aria-label="Find a table or column" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </header>
      {schemas.map((schema) => (
        <section key={schema} aria-labelledby={`schema-${schema}`}>
          <h2 id={`schema-${schema}`} class={`section layer ${kLayers.includes(schema) ? schema : ""}`}>
            {schema}
          </h2>
          <div class="table-scroll" tabIndex={0} role="region" aria-label={`Tables of ${schema}`}>
            <table class="rows">
              <thead>
                <tr>
                  <th>Table</th>
                  <th class="number">Rows</th>
                  <th class="number">Size</th>
                  <th class="number">Version</th>
                  <th>Newest commit</th>
                </tr>
              </thead>
              <tbody>
                {found
                  .filter((table) => table.schema === schema)
                  .map((table) => (
                    <tr key={table.table}>
                      <td>
                        <a href={`/tables/${encodeURIComponent(table.schema)}/${encodeURIComponent(table.table)}`}>{table.table}</a>
                        {table.kind === "view" && <span class="muted"> view</span>}
                      </td>
                      <td class="number">{typeof table.rows === "number" && table.rows >= 0 ? new Intl.NumberFormat().format(table.rows) : ""}</td>
                      <td class="number">{table.bytes !== undefined && table.kind === "table" ? writeBytes(table.bytes) : ""}</td>
                      <td class="number">{table.version ?? ""}</td>
                      <td>{table.committed_at ? writeAge((now - Date.parse(table.committed_at)) / 1000) : ""}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </main>
  );
}

function rankOf(schema: string): number {
  const at = kLayers.indexOf(schema);
  return at < 0 ? kLayers.length : kLayers.length - at;
}

interface Rows {
  columns: Column[];
  rows: Cell[][];
}

interface Commit {
  version: number;
  timestamp: string;
  operation: string;
  rows_added: number | null;
  files_added: number | null;
  files_removed: number | null;
  engine: string | null;
}

export function TablePage({ schema, table }: { schema: string; table: string }) {
  useTitle(`${schema}.${table}`);
  const path = `/api/v1/tables/${encodeURIComponent(schema)}/${encodeURIComponent(table)}`;
  const info = useAnswer<TableInfo>(`${path}/schema`, 15_000);
  const preview = useAnswer<Rows>(`${path}?rows=arrays&limit=50`);
  const history = useAnswer<{ rows: Commit[] }>(info.value?.kind === "table" ? `${path}/history?limit=50` : null);
  if (info.problem && !info.value) return <Failed problem={info.problem} />;
  if (!info.value) return <Loading />;
  const found = info.value;
  return (
    <main>
      <header class="page-head">
        <div>
          <h1>
            <span class={`layer ${kLayers.includes(schema) ? schema : ""}`}>{schema}</span>.{table}
          </h1>
          <p class="muted">
            {found.kind === "view"
              ? "A view"
              : [
                  `version ${found.version}`,
                  typeof found.rows === "number" && found.rows >= 0 ? `${new Intl.NumberFormat().format(found.rows)} rows` : "",
                  `${found.files} files`,
                  writeBytes(found.bytes ?? 0),
                  found.partition_columns?.length ? `partitioned by ${found.partition_columns.join(", ")}` : "",
                ]
                  .filter(Boolean)
                  .join(" · ")}
          </p>
        </div>
        <a class="button" href={`${path}?format=csv&limit=100000`} download={`${table}.csv`}>
          Export CSV
        </a>
      </header>
      <h2 class="section">Columns</h2>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Columns">
        <table class="rows">
          <thead>
            <tr>
              <th>Column</th>
              <th>Type</th>
            </tr>
          </thead>
          <tbody>
            {found.columns.map((column) => (
              <tr key={column.name}>
                <td>{column.name}</td>
                <td class="muted">{column.type}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2 class="section">Rows</h2>
      {preview.problem && <p class="muted">{preview.problem.detail}</p>}
      {preview.value && <Preview rows={preview.value} name={`${schema}.${table}`} />}
      {history.value && (
        <>
          <h2 class="section">History</h2>
          <div class="table-scroll" tabIndex={0} role="region" aria-label="History">
            <table class="rows">
              <thead>
                <tr>
                  <th class="number">Version</th>
                  <th>When</th>
                  <th>Operation</th>
                  <th class="number">Rows added</th>
                  <th class="number">Files</th>
                  <th>By</th>
                </tr>
              </thead>
              <tbody>
                {history.value.rows.map((commit) => (
                  <tr key={commit.version}>
                    <td class="number">{commit.version}</td>
                    <td>{writeTime(commit.timestamp, "datetime")}</td>
                    <td>{commit.operation}</td>
                    <td class="number">{commit.rows_added === null ? "" : new Intl.NumberFormat().format(commit.rows_added)}</td>
                    <td class="number">
                      +{commit.files_added ?? 0} −{commit.files_removed ?? 0}
                    </td>
                    <td class="muted">{commit.engine}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </main>
  );
}

function Preview({ rows, name }: { rows: Rows; name: string }) {
  return <RowsView columns={rows.columns} rows={rows.rows} title={name} />;
}

/** Rows of any statement, with the kinds of their columns told by their types. */
export function RowsView({ columns, rows, title }: { columns: Column[]; rows: Cell[][]; title: string }) {
  const known = columns.map((column) => ({ ...column, kind: column.kind ?? kindOfType(column.type) }));
  const tile = { name: "rows", type: "table", title, width: 12, height: 4 };
  const data = {
    dashboard: "",
    tile: "rows",
    columns: known,
    rows,
    truncated: false,
    tables: [],
    freshness: null,
    quality: { verdict: "unknown" as const },
    sql: "",
    parameters: [],
    as_of: null,
    computed_at: "",
    ms: 0,
  };
  return <TableView tile={tile} data={data} pageSize={25} />;
}

function kindOfType(type: string): string {
  const name = type.toUpperCase();
  if (/\[\]$|^(STRUCT|MAP|LIST)/.test(name)) return "nested";
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/.test(name)) return "integer";
  if (name.startsWith("DECIMAL")) return "decimal";
  if (["DOUBLE", "FLOAT", "REAL"].includes(name)) return "float";
  if (name === "DATE") return "date";
  if (name.startsWith("TIMESTAMP")) return "timestamp";
  return "text";
}
