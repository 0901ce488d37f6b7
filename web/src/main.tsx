// The page itself: its head, and what the address asks for.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";

import { loadSession, type Session } from "./api";
import { followLinks, useLocation } from "./location";
import { DashboardPage } from "./pages/dashboard";
import { HomePage } from "./pages/home";
import { PipelinePage, PipelinesPage, RunPage } from "./pages/pipelines";
import { QualityPage, TableQualityPage } from "./pages/quality";
import { Failed } from "./pages/shared";
import { SqlPage } from "./pages/sql";
import { TablePage, TablesPage } from "./pages/tables";
import { startTheme, toggleTheme, useTheme } from "./theme";

const kSections = [
  { path: "/", name: "Dashboards", also: "/dashboards" },
  { path: "/tables", name: "Tables", also: "/tables" },
  { path: "/pipelines", name: "Pipelines", also: "/runs" },
  { path: "/quality", name: "Quality", also: "/quality" },
  { path: "/sql", name: "SQL", also: "/sql" },
];

function Site() {
  const { path } = useLocation();
  const theme = useTheme();
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    loadSession().then(setSession).catch(() => undefined);
  }, []);
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="site">
        <a class="brand" href="/" aria-label="smelt, all dashboards">
          <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
            <path d="M4 4h16l-3 7H7z" />
            <path d="M9 13h6l2 7H7z" opacity="0.55" />
          </svg>
          smelt
        </a>
        <nav aria-label="Sections">
          {kSections.map((section) => (
            <a key={section.path} href={section.path} aria-current={isWithin(path, section) ? "page" : undefined}>
              {section.name}
            </a>
          ))}
        </nav>
        <button type="button" class="icon" onClick={toggleTheme} aria-label={theme === "dark" ? "Light colours" : "Dark colours"}>
          {theme === "dark" ? "☀" : "☾"}
        </button>
        {session?.users && (
          <form method="post" action="/logout" class="who">
            <span class="muted">{session.name}</span>
            <input type="hidden" name="csrf_token" value={session.csrf_token ?? ""} />
            <button type="submit" class="link">
              Log out
            </button>
          </form>
        )}
      </header>
      <div id="content" tabIndex={-1}>
        <Route path={path} />
      </div>
    </>
  );
}

function isWithin(path: string, section: { path: string; also: string }): boolean {
  return path === section.path || path.startsWith(`${section.also}/`) || (section.path !== "/" && path.startsWith(`${section.path}/`));
}

function Route({ path }: { path: string }) {
  const [, first = "", second, third] = path.split("/").map(decodeURIComponent);
  if (path === "/" || path === "/dashboards") return <HomePage />;
  if (first === "dashboards" && second) return <DashboardPage key={second} name={second} />;
  if (first === "tables" && second && third) return <TablePage key={path} schema={second} table={third} />;
  if (first === "tables") return <TablesPage />;
  if (first === "pipelines" && second) return <PipelinePage key={second} name={second} />;
  if (first === "pipelines") return <PipelinesPage />;
  if (first === "runs" && second) return <RunPage key={second} id={second} />;
  if (first === "quality" && second && third) return <TableQualityPage key={path} schema={second} table={third} />;
  if (first === "quality") return <QualityPage />;
  if (first === "sql") return <SqlPage />;
  return <Failed problem={{ status: 404, title: "Not Found", detail: `There is no page ${path}.` }} />;
}

startTheme();
followLinks();
const root = document.getElementById("root");
if (root) render(<Site />, root);
