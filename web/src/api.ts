// What the server answers, as docs/reference/dashboards.md and docs/reference/http-api.md say it.

export type Cell = string | number | boolean | null | object;

export interface Column {
  name: string;
  type: string;
  kind: string;
}

export interface Freshness {
  committed_at: string | null;
  age_s: number | null;
  stale: boolean;
}

export interface Verdict {
  verdict: "passed" | "warned" | "failed" | "unknown";
  tables?: TableVerdict[];
}

export interface TableVerdict {
  table: string;
  verdict: string;
  validated_at: string | null;
  version: number | null;
  checks: number;
  failed: number;
}

export interface DashboardSummary {
  name: string;
  title: string;
  description?: string;
  owner?: string;
  tags: string[];
  pages: { name: string; title: string }[];
  tiles: number;
  tables: string[];
  freshness: Freshness;
  quality: Verdict;
}

export interface Fault {
  file: string;
  line: number;
  code: string;
  message: string;
  hint?: string;
}

export interface ColumnFormat {
  label?: string;
  description?: string;
  format?: string;
  decimals?: number;
  currency?: string;
  unit?: string;
  good?: "up" | "down";
  hidden?: boolean;
  bar?: boolean;
}

export interface Drill {
  dashboard?: string;
  page?: string;
  filters?: Record<string, string>;
}

export interface Tile {
  name: string;
  type: string;
  title: string;
  description?: string;
  width: number;
  height: number;
  x?: string;
  y?: string[];
  series?: string;
  value?: string;
  compare?: string;
  previous?: string;
  region?: string;
  label?: string;
  orientation?: string;
  percent?: boolean;
  page_size?: number;
  text?: string;
  columns?: Record<string, ColumnFormat>;
  cross_filter?: Record<string, string>;
  drill?: Drill | null;
  filters?: string[];
  grain?: boolean;
}

export interface Range {
  from: string | null;
  to: string | null;
}

export interface Filter {
  name: string;
  url: string;
  type: "date_range" | "select" | "text" | "number_range";
  label: string;
  multiple?: boolean;
  default: null | string[] | string | Range;
  options: { value: string; label: string }[] | null;
  tiles: string[];
}

export interface Page {
  name: string;
  title: string;
  description?: string;
  tiles: Tile[];
}

export interface Dashboard {
  name: string;
  title: string;
  description?: string;
  owner?: string;
  tags: string[];
  grains: string[];
  file: string;
  filters: Filter[];
  pages: Page[];
}

export interface TileData {
  dashboard: string;
  tile: string;
  columns: Column[];
  rows: Cell[][];
  truncated: boolean;
  tables: { table: string; version: number; committed_at: string }[];
  freshness: Freshness | null;
  quality: Verdict;
  sql: string;
  parameters: (string | null)[];
  as_of: string | null;
  computed_at: string;
  ms: number;
}

export interface Problem {
  status: number;
  title: string;
  detail: string;
  code?: string;
  hint?: string;
}

export interface Session {
  name: string;
  role: string;
  csrf_token?: string;
  users: boolean;
}

export class RequestFailed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

let csrfToken = "";

export async function loadSession(): Promise<Session> {
  const session = await get<Session>("/api/v1/session");
  csrfToken = session.csrf_token ?? "";
  return session;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request("GET", path, undefined, signal)).json() as Promise<T>;
}

export async function getText(path: string): Promise<string> {
  return (await request("GET", path)).text();
}

export async function post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
  return (await request("POST", path, body, undefined, headers)).json() as Promise<T>;
}

async function request(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  more: Record<string, string> = {},
): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json, text/plain;q=0.5", ...more };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRF-Token"] = csrfToken;
  }
  let response: Response;
  try {
    const init: RequestInit = { method, headers };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (signal) init.signal = signal;
    response = await fetch(path, init);
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw new RequestFailed({
      status: 0,
      title: "No answer",
      detail: "The server does not answer.",
      hint: "See whether smelt serve is running; the page goes on by itself when it is.",
    });
  }
  if (response.ok) return response;
  if (response.status === 401) {
    location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
  }
  throw new RequestFailed(await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Partial<Problem>;
    return {
      status: response.status,
      title: body.title ?? response.statusText,
      detail: body.detail ?? body.title ?? response.statusText,
      ...(body.code ? { code: body.code } : {}),
      ...(body.hint ? { hint: body.hint } : {}),
    };
  } catch {
    return { status: response.status, title: response.statusText, detail: `The server answered ${response.status}.` };
  }
}

/** What went wrong, for people, whatever was thrown. */
export function problemFrom(failure: unknown): Problem {
  if (failure instanceof RequestFailed) return failure.problem;
  return { status: 0, title: "Error", detail: failure instanceof Error ? failure.message : String(failure) };
}
