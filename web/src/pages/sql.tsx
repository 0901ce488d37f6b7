// A statement, its rows, and the statements before it.
import { useState } from "preact/hooks";

import { type Cell, type Column, post, type Problem, problemFrom } from "../api";
import { RowsView } from "./tables";
import { useTitle } from "./shared";

interface Answer {
  columns: Column[];
  rows: Cell[][];
}

const kKey = "smelt.sql";

function readHistory(): string[] {
  try {
    return JSON.parse(localStorage.getItem(kKey) ?? "[]") as string[];
  } catch {
    return [];
  }
}

export function SqlPage() {
  useTitle("SQL");
  const [history, setHistory] = useState(readHistory);
  const [sql, setSql] = useState(history[0] ?? "select * from gold.kpis_headline");
  const [answer, setAnswer] = useState<{ value: Answer; ms: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const run = () => {
    if (busy || !sql.trim()) return;
    setBusy(true);
    setProblem(null);
    const begun = performance.now();
    const kept = [sql, ...history.filter((other) => other !== sql)].slice(0, 50);
    setHistory(kept);
    try {
      localStorage.setItem(kKey, JSON.stringify(kept));
    } catch {
      // Without storage the history lasts as long as the page.
    }
    post<Answer>("/api/v1/sql", { sql, rows: "arrays", limit: 1000 })
      .then((value) => setAnswer({ value, ms: performance.now() - begun }))
      .catch((failure: unknown) => (setAnswer(null), setProblem(problemFrom(failure))))
      .finally(() => setBusy(false));
  };
  return (
    <main>
      <header class="page-head">
        <h1>SQL</h1>
      </header>
      <div class="editor">
        <textarea
          aria-label="Statement"
          spellcheck={false}
          rows={8}
          value={sql}
          onInput={(event) => setSql(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), run())}
        />
        <div class="actions">
          <button type="button" class="primary" onClick={run} disabled={busy}>
            {busy ? "Running…" : "Run"}
          </button>
          <span class="muted">Ctrl+Enter</span>
          {history.length > 0 && (
            <select aria-label="Statements before" value="" onChange={(event) => event.currentTarget.value && setSql(event.currentTarget.value)}>
              <option value="">Before…</option>
              {history.map((each) => (
                <option key={each} value={each}>
                  {each.slice(0, 80)}
                </option>
              ))}
            </select>
          )}
          {answer && (
            <span class="muted right" role="status">
              {answer.value.rows.length} rows in {answer.ms.toFixed(0)} ms
            </span>
          )}
        </div>
      </div>
      {problem && (
        <div class="fault" role="alert">
          {problem.code && <strong>{problem.code} </strong>}
          {problem.detail} {problem.hint && <span class="muted">{problem.hint}</span>}
        </div>
      )}
      {answer && <RowsView columns={answer.value.columns} rows={answer.value.rows} title="The answer" />}
    </main>
  );
}
