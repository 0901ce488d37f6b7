// The commits of a tile's table: a click shows the page as of one of them.
import { writeTime } from "../format";
import { useAnswer } from "../pages/shared";
import { Dialog } from "./dialog";

interface Commit {
  version: number;
  timestamp: string;
  operation: string;
}

export function VersionsDialog({ table, onChoose, onClose }: { table: string; onChoose: (time: string) => void; onClose: () => void }) {
  const history = useAnswer<{ rows: Commit[] }>(`/api/v1/tables/${table.split(".").map(encodeURIComponent).join("/")}/history?limit=30`);
  return (
    <Dialog title={`Versions of ${table}`} onClose={onClose}>
      {history.problem && <p class="muted">{history.problem.detail}</p>}
      {!history.problem && !history.value && <div class="skeleton" aria-busy="true" aria-label="Loading" />}
      <ul class="versions">
        {history.value?.rows.map((commit) => (
          <li key={commit.version}>
            <button type="button" class="link" onClick={() => onChoose(commit.timestamp)}>
              Version {commit.version}
            </button>{" "}
            <span class="muted">
              {writeTime(commit.timestamp, "datetime")} · {commit.operation}
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
