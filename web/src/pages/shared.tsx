// What several pages need.
import { useEffect, useState } from "preact/hooks";

import { get, type Problem, problemFrom } from "../api";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · smelt`;
  }, [title]);
}

/** The time, told anew every so many milliseconds. */
export function useNow(every: number): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

export interface Loaded<T> {
  value?: T;
  problem?: Problem;
  reload: () => void;
}

/** An answer of the server, fetched anew when its address changes, every `every` milliseconds, and when asked for. */
export function useAnswer<T>(path: string | null, every = 0): Loaded<T> {
  const [answer, setAnswer] = useState<{ path: string; value?: T; problem?: Problem } | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    get<T>(path, abort.signal)
      .then((value) => setAnswer({ path, value }))
      .catch((failure: unknown) => {
        if (!abort.signal.aborted) setAnswer({ path, problem: problemFrom(failure) });
      });
    return () => abort.abort();
  }, [path, round]);
  useEffect(() => {
    if (every === 0) return;
    const timer = setInterval(() => document.visibilityState === "visible" && setRound((count) => count + 1), every);
    return () => clearInterval(timer);
  }, [every]);
  const reload = () => setRound((count) => count + 1);
  if (answer === null || answer.path !== path) return { reload };
  return { reload, ...(answer.value !== undefined ? { value: answer.value } : {}), ...(answer.problem ? { problem: answer.problem } : {}) };
}

export function Failed({ problem }: { problem: Problem }) {
  return (
    <main>
      <div class="failed card" role="alert">
        <h1>{problem.status === 404 ? "There is nothing here" : "This cannot be shown"}</h1>
        <p>
          {problem.code && <strong>{problem.code} </strong>}
          {problem.detail}
        </p>
        {problem.hint && <p class="muted">{problem.hint}</p>}
        <p>
          <a href="/">All dashboards</a>
        </p>
      </div>
    </main>
  );
}

export function Loading() {
  return <div class="skeleton page" aria-busy="true" aria-label="Loading" />;
}
