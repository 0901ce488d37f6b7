'use strict';
// Descriptions (a little Markdown) and SQL, as elements.

/** `code`, **bold**, *italic* and [links](https://…) of one line. */
function inline(text) {
  const parts = [];
  const pattern = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(last, match.index));
    last = match.index + match[0].length;
    if (match[1] !== undefined) parts.push(make('code', {}, match[1]));
    else if (match[2] !== undefined) parts.push(make('strong', {}, match[2]));
    else if (match[3] !== undefined) parts.push(make('em', {}, match[3]));
    else if (/^(https?:|mailto:|#)/i.test(match[5])) parts.push(make('a', {href: match[5], rel: 'noreferrer'}, match[4]));
    else parts.push(match[0]);
  }
  parts.push(text.slice(last));
  return parts;
}

/** Paragraphs, lists, headings and fenced code. */
function prose(text) {
  const box = make('div', {class: 'text'});
  let list = null, paragraph = null, fence = null;
  for (const line of (text || '').split('\n')) {
    if (/^\s*```/.test(line)) {
      if (fence) box.append(make('pre', {}, make('code', {class: 'row'}, fence.join('\n'))));
      fence = fence ? null : [];
      list = paragraph = null;
      continue;
    }
    if (fence) { fence.push(line); continue; }
    const item = line.match(/^\s*(?:[-*+]|\d+\.)\s+(.*)/), heading = line.match(/^#{1,6}\s+(.*)/);
    if (heading) box.append(make('h4', {}, inline(heading[1])));
    if (heading || !line.trim()) { list = paragraph = null; continue; }
    if (item) {
      if (!list) box.append(list = make('ul'));
      list.append(make('li', {}, inline(item[1])));
      paragraph = null;
    } else {
      if (!paragraph) box.append(paragraph = make('p')); else paragraph.append(' ');
      paragraph.append(...inline(line.trim()));
      list = null;
    }
  }
  if (fence) box.append(make('pre', {}, make('code', {class: 'row'}, fence.join('\n'))));
  return box;
}

const keywords = new Set(('select from where group by order having limit offset with recursive as on using join left right '
  + 'full inner outer cross lateral union all except intersect distinct case when then else end and or not in is null '
  + 'between like ilike exists over partition rows range values cast qualify window filter asc desc nulls first last '
  + 'interval true false create table view insert update delete merge').split(' '));

/** SQL with line numbers; templates, texts and comments stand out. */
function code(sql) {
  const block = make('pre', {tabindex: 0});
  const pattern = /(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})|(--[^\n]*|\/\*[\s\S]*?\*\/|\{#[\s\S]*?#\})|('(?:[^']|'')*')|([A-Za-z_]\w*)/g;
  let row, number = 0;
  const begin = () => block.append(row = make('span', {class: 'row', 'data-n': ++number}));
  const put = (text, style) => text.split('\n').forEach((line, i) => {
    if (i > 0) { row.append('\n'); begin(); }
    if (line) row.append(style ? make('span', {class: style}, line) : line);
  });
  begin();
  let last = 0;
  for (const match of sql.matchAll(pattern)) {
    if (match[4] && !keywords.has(match[4].toLowerCase())) continue;
    put(sql.slice(last, match.index));
    put(match[0], match[1] ? 'j' : match[2] ? 'c' : match[3] ? 's' : 'k');
    last = match.index + match[0].length;
  }
  put(sql.slice(last));
  return block;
}
