// The rows of a page's tiles: sent by the server when a commit changes them, or fetched once for a state of the past.
import { useEffect, useState } from "preact/hooks";

import { get, type Problem, problemFrom, type Tile, type TileData, type Verdict } from "../api";
import type { TileState } from "../tiles/tile";

export interface Live {
  states: Record<string, TileState>;
  connected: boolean;
}

const kNothing: Live = { states: {}, connected: true };

export function useTiles(dashboard: string, tiles: Tile[], query: string, onDefinition: () => void): Live {
  const [live, setLive] = useState<Live>(kNothing);
  const names = tiles.filter((tile) => tile.type !== "text").map((tile) => tile.name);
  const key = names.join(",");
  useEffect(() => {
    if (!key) return;
    const put = (name: string, state: TileState) => setLive((before) => ({ ...before, states: { ...before.states, [name]: state } }));
    const path = `/api/v1/dashboards/${encodeURIComponent(dashboard)}`;
    if (new URLSearchParams(query).has("as_of")) return fetchOnce(path, key.split(","), query, put);
    let source: EventSource | null = null;
    let stopFetching = () => {};
    const listen = () => {
      const opened = new EventSource(`${path}/live?tiles=${encodeURIComponent(key)}${query ? `&${query}` : ""}`);
      opened.addEventListener("tile", (event) => {
        const data = JSON.parse((event as MessageEvent<string>).data) as TileData;
        put(data.tile, { data });
      });
      opened.addEventListener("failed", (event) => {
        const { tile, problem } = JSON.parse((event as MessageEvent<string>).data) as { tile: string; problem: Problem };
        put(tile, { problem });
      });
      opened.addEventListener("quality", (event) => {
        const { tile, quality } = JSON.parse((event as MessageEvent<string>).data) as { tile: string; quality: Verdict };
        setLive((before) => {
          const state = before.states[tile];
          if (!state?.data) return before;
          return { ...before, states: { ...before.states, [tile]: { data: { ...state.data, quality } } } };
        });
      });
      opened.addEventListener("definition", onDefinition);
      opened.onopen = () => setLive((before) => ({ ...before, connected: true }));
      opened.onerror = () => {
        setLive((before) => ({ ...before, connected: false }));
        // The browser tries again by itself, but for an answer that says that it will not do.
        if (opened.readyState === EventSource.CLOSED) stopFetching = fetchOnce(path, key.split(","), query, put);
      };
      return opened;
    };
    // A browser has few connections to one server: a page that nobody sees gives its own back, and asks again when seen.
    const look = () => {
      if (document.visibilityState === "hidden") {
        source?.close();
        source = null;
      } else {
        source ??= listen();
      }
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      source?.close();
      stopFetching();
    };
  }, [dashboard, key, query, onDefinition]);
  return live;
}

function fetchOnce(path: string, names: string[], query: string, put: (name: string, state: TileState) => void): () => void {
  const abort = new AbortController();
  for (const name of names) {
    get<TileData>(`${path}/tiles/${encodeURIComponent(name)}${query ? `?${query}` : ""}`, abort.signal)
      .then((data) => put(name, { data }))
      .catch((failure: unknown) => {
        if (!abort.signal.aborted) put(name, { problem: problemFrom(failure) });
      });
  }
  return () => abort.abort();
}
