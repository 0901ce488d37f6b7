// Pipelines with their last runs, a run as the graph of its tasks, and what the tasks said.
import { useState } from "preact/hooks";

import { getText, post, type Problem, problemFrom } from "../api";
import { writeSeconds, writeTime } from "../format";
import { navigate } from "../location";
import { Status, statusClass } from "../tiles/status";
import { Failed, Loading, useAnswer, useTitle } from "./shared";

export interface Run {
  run_id: string;
  pipeline: string;
  status: string;
  triggered_by: string;
  started_at?: string;
  queued_at?: string;
  finished_at?: string;
  scheduled_at?: string;
  seconds?: number;
  error?: string;
}

interface Task {
  name: string;
  type: string;
  status: string;
  attempt: number;
  started_at?: string;
  finished_at?: string;
  error?: string;
  has_log?: boolean;
}

interface TaskDefinition {
  name: string;
  type: string;
  needs: string[];
}

export interface Pipeline {
  name: string;
  description?: string;
  schedule?: string;
  paused?: boolean;
  takes_calls: boolean;
  tasks: TaskDefinition[];
  last_runs: Run[];
}

export interface PipelineList {
  pipelines: Pipeline[];
  faults: { message: string }[];
}

interface RunDetail extends Run {
  tasks: Task[];
  parameters: Record<string, unknown>;
  cancelled_by?: string;
}

function secondsOf(item: { started_at?: string; finished_at?: string }): number | null {
  if (!item.started_at || !item.finished_at) return null;
  return (Date.parse(asUtc(item.finished_at)) - Date.parse(asUtc(item.started_at))) / 1000;
}

/** Times of runs are UTC; some come without saying so. */
function asUtc(time: string): string {
  return /Z|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.replace(" ", "T")}Z`;
}

/** The last runs as bars: how long each took, and how it went; the newest is on the right. */
export function RunBars({ runs }: { runs: Run[] }) {
  if (runs.length === 0) return <p class="muted">It has not run.</p>;
  const shown = runs.slice(0, 20).reverse();
  const longest = Math.max(...shown.map((run) => secondsOf(run) ?? 0), 0.001);
  const failed = shown.filter((run) => run.status === "failed").length;
  return (
    <svg class="run-bars" viewBox="0 0 200 32" preserveAspectRatio="xMinYMax" role="img" aria-label={`The last ${shown.length} runs, ${failed === 0 ? "none" : failed} of them failed`}>
      {shown.map((run, at) => {
        const height = Math.max(4, ((secondsOf(run) ?? 0) / longest) * 32);
        return <rect key={run.run_id} class={statusClass(run.status)} x={at * 10} y={32 - height} width="8" height={height} rx="1" />;
      })}
    </svg>
  );
}

export function PipelinesPage() {
  useTitle("Pipelines");
  const list = useAnswer<PipelineList>("/api/v1/pipelines", 5_000);
  if (list.problem && !list.value) return <Failed problem={list.problem} />;
  if (!list.value) return <Loading />;
  return (
    <main>
      <header class="page-head">
        <h1>Pipelines</h1>
      </header>
      {list.value.faults.map((fault) => (
        <div class="fault" role="alert" key={fault.message}>
          {fault.message}
        </div>
      ))}
      {list.value.pipelines.length === 0 && <p class="muted">This project has no pipelines: they are declared in pipelines/*.yml.</p>}
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Pipelines">
        <table class="rows">
          <thead>
            <tr>
              <th>Pipeline</th>
              <th>When</th>
              <th>Last run</th>
              <th class="number">Took</th>
              <th>Last runs</th>
            </tr>
          </thead>
          <tbody>
            {list.value.pipelines.map((pipeline) => {
              const last = pipeline.last_runs[0];
              const took = last && secondsOf(last);
              return (
                <tr key={pipeline.name}>
                  <td>
                    <a href={`/pipelines/${encodeURIComponent(pipeline.name)}`}>{pipeline.name}</a>
                  </td>
                  <td>{pipeline.paused ? <Status status="skipped" word="paused" /> : (pipeline.schedule ?? "by hand")}</td>
                  <td>{last ? <Status status={last.status} /> : <span class="muted">never</span>}</td>
                  <td class="number">{took === null || took === undefined ? "" : writeSeconds(took)}</td>
                  <td>
                    <RunBars runs={pipeline.last_runs} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </main>
  );
}

export function PipelinePage({ name }: { name: string }) {
  useTitle(name);
  const list = useAnswer<PipelineList>("/api/v1/pipelines", 5_000);
  const runs = useAnswer<{ runs: Run[] }>(`/api/v1/runs?pipeline=${encodeURIComponent(name)}&limit=50`, 5_000);
  const [problem, setProblem] = useState<Problem | null>(null);
  if (list.problem && !list.value) return <Failed problem={list.problem} />;
  if (!list.value) return <Loading />;
  const pipeline = list.value.pipelines.find((candidate) => candidate.name === name);
  if (!pipeline) return <Failed problem={{ status: 404, title: "", detail: `There is no pipeline ${name}.` }} />;
  const begin = () => {
    setProblem(null);
    post<{ run_id: string }>(`/api/v1/pipelines/${encodeURIComponent(name)}/runs`, {}, { "Idempotency-Key": crypto.randomUUID() })
      .then((run) => navigate(`/runs/${run.run_id}`))
      .catch((failure: unknown) => setProblem(problemFrom(failure)));
  };
  return (
    <main>
      <header class="page-head">
        <div>
          <h1>{name}</h1>
          {pipeline.description && <p class="muted">{pipeline.description}</p>}
        </div>
        {pipeline.takes_calls && (
          <button type="button" class="primary" onClick={begin}>
            Run now
          </button>
        )}
      </header>
      {problem && <Refusal problem={problem} />}
      <TaskGraph tasks={pipeline.tasks} states={{}} />
      <h2 class="section">Runs</h2>
      <RunTable runs={runs.value?.runs ?? pipeline.last_runs} />
    </main>
  );
}

function Refusal({ problem }: { problem: Problem }) {
  return (
    <div class="fault" role="alert">
      {problem.detail} {problem.hint && <span class="muted">{problem.hint}</span>}
    </div>
  );
}

function RunTable({ runs }: { runs: Run[] }) {
  if (runs.length === 0) return <p class="muted">It has not run.</p>;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Runs">
      <table class="rows">
        <thead>
          <tr>
            <th>Run</th>
            <th>Status</th>
            <th>Began</th>
            <th class="number">Took</th>
            <th>Because of</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => {
            const took = secondsOf(run);
            const began = run.started_at ?? run.queued_at;
            return (
              <tr key={run.run_id}>
                <td>
                  <a href={`/runs/${run.run_id}`}>{run.run_id}</a>
                </td>
                <td>
                  <Status status={run.status} />
                </td>
                <td>{began ? writeTime(asUtc(began), "datetime") : ""}</td>
                <td class="number">{took === null ? "" : writeSeconds(took)}</td>
                <td>{run.triggered_by}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function RunPage({ id }: { id: string }) {
  useTitle(`Run ${id}`);
  const answer = useAnswer<RunDetail>(`/api/v1/runs/${encodeURIComponent(id)}`, 2_000);
  const list = useAnswer<PipelineList>("/api/v1/pipelines");
  const [problem, setProblem] = useState<Problem | null>(null);
  if (answer.problem && !answer.value) return <Failed problem={answer.problem} />;
  const run = answer.value;
  if (!run) return <Loading />;
  const definition = list.value?.pipelines.find((candidate) => candidate.name === run.pipeline);
  const states = Object.fromEntries(run.tasks.map((task) => [task.name, task.status]));
  const cancel = () => {
    post(`/api/v1/runs/${encodeURIComponent(id)}/cancel`, {})
      .then(answer.reload)
      .catch((failure: unknown) => setProblem(problemFrom(failure)));
  };
  return (
    <main>
      <header class="page-head">
        <div>
          <h1>
            <a href={`/pipelines/${encodeURIComponent(run.pipeline)}`}>{run.pipeline}</a> <span class="muted run-id">{run.run_id}</span>
          </h1>
          <p>
            <Status status={run.status} /> {run.error && <span class="muted">{run.error}</span>}
          </p>
        </div>
        {(run.status === "queued" || run.status === "running") && (
          <button type="button" onClick={cancel} disabled={run.cancelled_by !== undefined}>
            {run.status === "queued" ? "Withdraw" : run.cancelled_by !== undefined ? "Cancelling…" : "Cancel"}
          </button>
        )}
      </header>
      {problem && <Refusal problem={problem} />}
      {definition && <TaskGraph tasks={definition.tasks} states={states} />}
      <h2 class="section">Tasks</h2>
      <ul class="tasks">
        {run.tasks.map((task) => (
          <TaskLine key={`${task.name}-${task.attempt}`} run={id} task={task} />
        ))}
      </ul>
    </main>
  );
}

function TaskLine({ run, task }: { run: string; task: Task }) {
  const [log, setLog] = useState<string | null>(null);
  const took = secondsOf(task);
  const show = () => {
    if (log !== null) return setLog(null);
    getText(`/api/v1/runs/${encodeURIComponent(run)}/tasks/${encodeURIComponent(task.name)}/log`)
      .then(setLog)
      .catch((failure: unknown) => setLog(problemFrom(failure).detail));
  };
  return (
    <li>
      <div class="task">
        <Status status={task.status} />
        <strong>{task.name}</strong>
        <span class="muted">{task.type}</span>
        {task.attempt > 1 && <span class="muted">attempt {task.attempt}</span>}
        <span class="right">{took === null ? "" : writeSeconds(took)}</span>
        {task.has_log && (
          <button type="button" class="link" onClick={show} aria-expanded={log !== null}>
            Output
          </button>
        )}
      </div>
      {task.error && <p class="task-error">{task.error}</p>}
      {log !== null && <pre tabIndex={0}>{log || "It said nothing."}</pre>}
    </li>
  );
}

/** Tasks from left to right, each after what it waits for. */
export function TaskGraph({ tasks, states }: { tasks: TaskDefinition[]; states: Record<string, string> }) {
  const ranks = ranksOf(tasks);
  const columns: TaskDefinition[][] = [];
  for (const task of tasks) (columns[ranks.get(task.name) ?? 0] ??= []).push(task);
  const width = 136;
  const gap = 32;
  const height = 48;
  const places = new Map<string, { x: number; y: number }>();
  columns.forEach((column, rank) => column.forEach((task, at) => places.set(task.name, { x: rank * (width + gap), y: at * (height + 16) })));
  const size = { x: columns.length * (width + gap) - gap, y: Math.max(...columns.map((column) => column.length), 1) * (height + 16) - 16 };
  return (
    <div class="graph" tabIndex={0} role="region" aria-label="Tasks and what they wait for">
      <svg width={size.x + 2} height={size.y + 2} viewBox={`-1 -1 ${size.x + 2} ${size.y + 2}`} role="img" aria-label={tasks.map((task) => `${task.name}${task.needs.length > 0 ? ` after ${task.needs.join(", ")}` : ""}`).join("; ")}>
        {tasks.flatMap((task) =>
          task.needs.map((need) => {
            const from = places.get(need);
            const to = places.get(task.name);
            if (!from || !to) return null;
            const start = { x: from.x + width, y: from.y + height / 2 };
            const end = { x: to.x, y: to.y + height / 2 };
            return <path key={`${need}>${task.name}`} class="edge" d={`M${start.x} ${start.y} C${start.x + gap / 2} ${start.y} ${end.x - gap / 2} ${end.y} ${end.x} ${end.y}`} />;
          }),
        )}
        {tasks.map((task) => {
          const place = places.get(task.name) ?? { x: 0, y: 0 };
          const state = states[task.name];
          return (
            <g key={task.name} class={`node ${state ? statusClass(state) : ""}`} transform={`translate(${place.x} ${place.y})`}>
              <title>{`${task.name} (${task.type})${state ? `: ${state}` : ""}`}</title>
              <rect width={width} height={height} rx="4" />
              <text x="12" y="20">
                {task.name.length > 17 ? `${task.name.slice(0, 16)}…` : task.name}
              </text>
              <text x="12" y="37" class="muted">
                {state ? `${task.type} · ${state}` : task.type}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function ranksOf(tasks: TaskDefinition[]): Map<string, number> {
  const ranks = new Map<string, number>();
  // Definitions have no cycles; as many rounds as tasks are enough for any chain.
  for (let round = 0; round < tasks.length; ++round) {
    let moved = false;
    for (const task of tasks) {
      const rank = Math.max(0, ...task.needs.map((need) => (ranks.get(need) ?? 0) + 1));
      if (rank !== (ranks.get(task.name) ?? 0)) moved = true;
      ranks.set(task.name, rank);
    }
    if (!moved) break;
  }
  return ranks;
}
