// A small part of Markdown, made into elements, never into markup: headings, lists, links, emphasis, code.
import type { ComponentChildren } from "preact";

export function Markdown({ text }: { text: string }) {
  const blocks = text.replaceAll("\r\n", "\n").trim().split(/\n{2,}/);
  return <div class="markdown">{blocks.map((block, at) => <Block key={at} text={block} />)}</div>;
}

function Block({ text }: { text: string }) {
  const heading = /^(#{1,4})\s+(.*)$/s.exec(text);
  if (heading) return <h3>{inline(heading[2] ?? "")}</h3>;
  const lines = text.split("\n");
  if (lines.every((line) => /^\s*[-*]\s+/.test(line))) {
    return <ul>{lines.map((line, at) => <li key={at}>{inline(line.replace(/^\s*[-*]\s+/, ""))}</li>)}</ul>;
  }
  if (lines.every((line) => /^\s*\d+\.\s+/.test(line))) {
    return <ol>{lines.map((line, at) => <li key={at}>{inline(line.replace(/^\s*\d+\.\s+/, ""))}</li>)}</ol>;
  }
  return <p>{inline(lines.join(" "))}</p>;
}

const kInline = /(`[^`]+`)|\*\*([^*]+)\*\*|[*_]([^*_]+)[*_]|\[([^\]]+)\]\(([^)\s]+)\)/;

function inline(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let rest = text;
  for (let match = kInline.exec(rest); match; match = kInline.exec(rest)) {
    if (match.index > 0) parts.push(rest.slice(0, match.index));
    if (match[1]) parts.push(<code>{match[1].slice(1, -1)}</code>);
    else if (match[2]) parts.push(<strong>{match[2]}</strong>);
    else if (match[3]) parts.push(<em>{match[3]}</em>);
    else if (match[4]) parts.push(isSafe(match[5] ?? "") ? <a href={match[5]}>{match[4]}</a> : match[4]);
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest) parts.push(rest);
  return parts;
}

/** Links go to this site or to others by http, and nowhere else. */
function isSafe(target: string): boolean {
  return /^(https?:\/\/|\/(?!\/)|#)/.test(target);
}
