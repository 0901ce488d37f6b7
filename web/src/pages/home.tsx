// What there is to look at: dashboards with owner, freshness and verdict, and how the pipelines went.
import { useState } from "preact/hooks";

import type { DashboardSummary, Fault } from "../api";
import { Age, QualityMark } from "../tiles/status";
import { type PipelineList, RunBars } from "./pipelines";
import { Failed, Loading, useAnswer, useNow, useTitle } from "./shared";

interface List {
  dashboards: DashboardSummary[];
  faults: Fault[];
}

export function HomePage() {
  useTitle("Dashboards");
  const list = useAnswer<List>("/api/v1/dashboards", 30_000);
  const pipelines = useAnswer<PipelineList>("/api/v1/pipelines", 30_000);
  const [search, setSearch] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  const now = useNow(10_000);
  if (list.problem && !list.value) return <Failed problem={list.problem} />;
  if (!list.value) return <Loading />;
  const { dashboards, faults } = list.value;
  const tags = [...new Set(dashboards.flatMap((dashboard) => dashboard.tags))].sort();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = dashboards.filter((dashboard) => {
    const text = [dashboard.name, dashboard.title, dashboard.description, dashboard.owner, ...dashboard.tags].join(" ").toLowerCase();
    return (!tag || dashboard.tags.includes(tag)) && words.every((word) => text.includes(word));
  });
  return (
    <main class="home">
      <header class="page-head">
        <h1>Dashboards</h1>
        <input type="search" class="search" placeholder="Find a dashboard" aria-label="Find a dashboard" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </header>
      {tags.length > 1 && (
        <div class="chips" role="group" aria-label="Tags">
          {tags.map((each) => (
            <button type="button" key={each} class="chip" aria-pressed={tag === each} onClick={() => setTag(tag === each ? null : each)}>
              {each}
            </button>
          ))}
        </div>
      )}
      {faults.map((fault) => (
        <div class="fault" role="alert" key={`${fault.file}:${fault.line}`}>
          <strong>{fault.code}</strong> {fault.file}:{fault.line} {fault.message}
          {fault.hint && <span class="muted"> {fault.hint}</span>}
        </div>
      ))}
      {found.length === 0 ? (
        <p class="muted">{dashboards.length === 0 ? "This project has no dashboards: they are declared in dashboards/*.yml." : "No dashboard fits."}</p>
      ) : (
        <ul class="gallery">
          {found.map((dashboard) => (
            <li key={dashboard.name}>
              <a href={`/dashboards/${encodeURIComponent(dashboard.name)}`} class="card">
                <h2>{dashboard.title}</h2>
                {dashboard.description && <p>{dashboard.description}</p>}
                <footer>
                  {dashboard.owner && <span>{dashboard.owner}</span>}
                  <Age freshness={dashboard.freshness} now={now} />
                  <QualityMark quality={dashboard.quality} />
                </footer>
              </a>
            </li>
          ))}
        </ul>
      )}
      {(pipelines.value?.pipelines.length ?? 0) > 0 && (
        <section aria-labelledby="pipelines">
          <h2 id="pipelines" class="section">
            <a href="/pipelines">Pipelines</a>
          </h2>
          <ul class="gallery">
            {pipelines.value?.pipelines.map((pipeline) => (
              <li key={pipeline.name}>
                <a href={`/pipelines/${encodeURIComponent(pipeline.name)}`} class="card">
                  <h3>{pipeline.name}</h3>
                  <RunBars runs={pipeline.last_runs} />
                  <footer>{pipeline.schedule ? <span>{pipeline.schedule}</span> : <span class="muted">no schedule</span>}</footer>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  );
}
