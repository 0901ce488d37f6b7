// What the checks of each table said last, and before.
import { writeTime } from "../format";
import { Status } from "../tiles/status";
import { Failed, Loading, useAnswer, useTitle } from "./shared";

interface SuiteVerdict {
  table: string;
  suite: string;
  verdict: string;
  validated_at: string;
  version: number | null;
  checks: number;
  failed: number;
  history: { validated_at: string; verdict: string }[];
}

interface Check {
  expectation: string;
  column: string | null;
  severity: string;
  success: boolean;
  observed_value: string | null;
  unexpected_count: number | null;
}

export function QualityPage() {
  useTitle("Quality");
  const list = useAnswer<{ suites: SuiteVerdict[] }>("/api/v1/quality", 15_000);
  if (list.problem && !list.value) return <Failed problem={list.problem} />;
  if (!list.value) return <Loading />;
  const { suites } = list.value;
  const order = ["failed", "warned", "passed"];
  const sorted = [...suites].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || a.table.localeCompare(b.table));
  return (
    <main>
      <header class="page-head">
        <div>
          <h1>Quality</h1>
          <p class="muted">
            {suites.filter((suite) => suite.verdict === "passed").length} of {suites.length} suites passed
          </p>
        </div>
      </header>
      {suites.length === 0 && <p class="muted">Nothing has been checked: see smelt validate.</p>}
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Suites">
        <table class="rows">
          <thead>
            <tr>
              <th>Table</th>
              <th>Suite</th>
              <th>Verdict</th>
              <th class="number">Checks</th>
              <th class="number">Failed</th>
              <th>Checked</th>
              <th>Before</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((suite) => (
              <tr key={`${suite.table} ${suite.suite}`}>
                <td>
                  <a href={`/quality/${suite.table.replace(".", "/")}`}>{suite.table}</a>
                </td>
                <td>{suite.suite}</td>
                <td>
                  <Status status={suite.verdict} />
                </td>
                <td class="number">{suite.checks}</td>
                <td class="number">{suite.failed || ""}</td>
                <td>{writeTime(suite.validated_at, "datetime")}</td>
                <td>
                  <History history={suite.history} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </main>
  );
}

function History({ history }: { history: { validated_at: string; verdict: string }[] }) {
  const shown = history.slice(0, 20).reverse();
  const failed = shown.filter((entry) => entry.verdict === "failed").length;
  return (
    <svg class="run-bars small" viewBox="0 0 200 12" role="img" aria-label={`The last ${shown.length} verdicts, ${failed === 0 ? "none" : failed} failed`}>
      {shown.map((entry, at) => (
        <rect key={entry.validated_at} class={entry.verdict === "passed" ? "ok" : entry.verdict === "warned" ? "warn" : "fail"} x={at * 10} y={entry.verdict === "passed" ? 4 : 0} width="8" height={entry.verdict === "passed" ? 8 : 12} rx="1" />
      ))}
    </svg>
  );
}

export function TableQualityPage({ schema, table }: { schema: string; table: string }) {
  useTitle(`Quality of ${schema}.${table}`);
  const answer = useAnswer<{ table: string; suites: (SuiteVerdict & { results: Check[] })[] }>(`/api/v1/quality/${encodeURIComponent(schema)}/${encodeURIComponent(table)}`, 15_000);
  if (answer.problem && !answer.value) return <Failed problem={answer.problem} />;
  if (!answer.value) return <Loading />;
  return (
    <main>
      <header class="page-head">
        <h1>
          Quality of <a href={`/tables/${schema}/${table}`}>{`${schema}.${table}`}</a>
        </h1>
      </header>
      {answer.value.suites.map((suite) => (
        <section key={suite.suite} aria-label={suite.suite}>
          <h2 class="section">
            {suite.suite} <Status status={suite.verdict} /> <span class="muted">{writeTime(suite.validated_at, "datetime")}</span>
          </h2>
          <div class="table-scroll" tabIndex={0} role="region" aria-label={`Checks of ${suite.suite}`}>
            <table class="rows">
              <thead>
                <tr>
                  <th>Check</th>
                  <th>Column</th>
                  <th>Result</th>
                  <th>Seen</th>
                  <th class="number">Unexpected</th>
                </tr>
              </thead>
              <tbody>
                {suite.results.map((check, at) => (
                  <tr key={at}>
                    <td>{check.expectation}</td>
                    <td>{check.column}</td>
                    <td>
                      <Status status={check.success ? "passed" : check.severity === "warning" ? "warned" : "failed"} />
                    </td>
                    <td class="seen">{check.observed_value}</td>
                    <td class="number">{check.unexpected_count || ""}</td>
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
