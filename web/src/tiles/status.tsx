// Status with a shape and a word, not by colour alone.
import type { Freshness, Verdict } from "../api";
import { writeAge } from "../format";

const kShapes: Record<string, { shape: string; class: string; word: string }> = {
  passed: { shape: "✓", class: "ok", word: "passed" },
  succeeded: { shape: "✓", class: "ok", word: "succeeded" },
  done: { shape: "✓", class: "ok", word: "done" },
  nothing: { shape: "✓", class: "ok", word: "nothing new" },
  warned: { shape: "▲", class: "warn", word: "warnings" },
  failed: { shape: "✕", class: "fail", word: "failed" },
  running: { shape: "◐", class: "work", word: "running" },
  queued: { shape: "○", class: "muted", word: "queued" },
  skipped: { shape: "–", class: "muted", word: "skipped" },
  cancelled: { shape: "■", class: "muted", word: "cancelled" },
  interrupted: { shape: "■", class: "muted", word: "interrupted" },
  died: { shape: "✕", class: "fail", word: "died" },
  unknown: { shape: "?", class: "muted", word: "not checked" },
};

export function Status({ status, word }: { status: string; word?: string }) {
  const look = kShapes[status] ?? { shape: "•", class: "muted", word: status.replaceAll("_", " ") };
  return (
    <span class={`status ${look.class}`}>
      <span aria-hidden="true">{look.shape}</span> {word ?? look.word}
    </span>
  );
}

export function statusClass(status: string): string {
  return kShapes[status]?.class ?? "muted";
}

export function QualityMark({ quality }: { quality: Verdict }) {
  return <Status status={quality.verdict} />;
}

export function Age({ freshness, now }: { freshness: Freshness | null; now: number }) {
  if (!freshness?.committed_at) return null;
  const age = (now - Date.parse(freshness.committed_at)) / 1000;
  const text = writeAge(age);
  return freshness.stale ? (
    <span class="status warn" title={`newest rows: ${freshness.committed_at}`}>
      <span aria-hidden="true">◷</span> stale, {text}
    </span>
  ) : (
    <span title={`newest rows: ${freshness.committed_at}`}>{text}</span>
  );
}
