'use strict';
// The pages: overview, node, graph; the project tree and the search.

const main = document.getElementById('main'), side = document.getElementById('side');

function kindOf(node) {
  return make('span', {class: 'kind ' + node.type + ' ' + metalOf(node)}, node.type);
}
function nodeLinks(numbers) {
  if (!numbers.length) return make('p', {class: 'quiet'}, 'Nothing.');
  return make('ul', {class: 'steps'}, [...numbers].sort((a, b) => nodes[a].name.localeCompare(nodes[b].name))
    .map((key) => make('li', {}, make('a', {href: linkTo(key)}, nodes[key].name), ' ', kindOf(nodes[key]))));
}

/** Rows of a long table, as many as people look at; the rest on request. */
function nodeTable(list) {
  const body = make('tbody'), most = 200;
  const more = (from, to) => body.append(...list.slice(from, to).map((node) => make('tr', {},
    make('td', {}, make('a', {href: linkTo(numberOf.get(node.id))}, node.name)), make('td', {}, kindOf(node)),
    make('td', {}, node.description.split('\n')[0].slice(0, 160)),
    make('td', {class: 'number'}, node.columns.length ? node.columns.length.toLocaleString() : ''))));
  more(0, most);
  const rest = list.length > most ? make('button', {onclick: (event) => { more(most); event.target.remove(); }},
    'Show ' + (list.length - most).toLocaleString() + ' more') : null;
  return make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, make('tr', {}, make('th', {}, 'Name'),
    make('th', {}, 'Kind'), make('th', {}, 'Description'), make('th', {class: 'number'}, 'Columns'))), body), rest);
}

function overviewPage() {
  const counts = new Map();
  nodes.forEach((node) => counts.set(node.type, (counts.get(node.type) || 0) + 1));
  const columns = nodes.reduce((sum, node) => sum + node.columns.length, 0);
  const problems = nodes.filter((node) => node.problem);
  const own = nodes.filter((node) => node.package === data.project.name);
  return [make('h1', {}, data.project.name),
    make('div', {class: 'facts'}, ...[...counts].map(([type, count]) => make('div', {}, make('b', {}, type), count.toLocaleString())),
      make('div', {}, make('b', {}, 'columns'), columns.toLocaleString()),
      make('div', {}, make('b', {}, 'written'), data.project.written)),
    data.project.overview ? prose(data.project.overview) : null,
    problems.length ? make('details', {class: 'warn'}, make('summary', {}, counted(problems.length, 'node') + ' without column lineage'),
      make('ul', {}, problems.slice(0, 100).map((node) => make('li', {}, make('a', {href: linkTo(numberOf.get(node.id))}, node.name), ': ', node.problem)))) : null,
    make('h2', {}, 'Nodes'), nodeTable(own.length ? own : nodes)];
}

function factsOf(node) {
  const facts = [['relation', node.relation], ['materialized', node.materialized], ['package', node.package], ['file', node.path],
    ['rows', node.rows >= 0 ? node.rows.toLocaleString() : ''],
    ['size', node.bytes >= 0 ? (node.bytes / 1048576).toLocaleString(undefined, {maximumFractionDigits: 2}) + ' MiB' : ''],
    ...Object.entries(node.details || {})];
  return make('div', {class: 'facts'}, facts.filter(([, value]) => value !== '' && value !== undefined && value !== null)
    .map(([name, value]) => make('div', {}, make('b', {}, name), String(value))));
}

function columnTable(number, chosen) {
  const node = nodes[number], body = make('tbody');
  for (const column of node.columns) {
    const tests = node.tests.filter((test) => test.column === column.name);
    const is = column.name === chosen;
    body.append(make('tr', {class: is ? 'chosen' : ''},
      make('td', {}, make('a', {href: is ? linkTo(number) : linkTo(number, column.name), 'aria-expanded': String(is)}, make('code', {}, column.name))),
      make('td', {class: 'type', title: column.type}, column.type), make('td', {}, prose(column.description)),
      make('td', {}, tests.map((test) => make('span', {class: 'tag', title: test.id}, test.name))),
      make('td', {}, column.from.slice(0, 4).map(([from, name, how, field], i) => make('div', {}, columnLink(from, name, field), ' ', howMark(how))),
        column.from.length > 4 ? make('span', {class: 'quiet'}, 'and ' + (column.from.length - 4) + ' more') : null)));
    if (is) body.append(make('tr', {}, make('td', {colspan: 5}, lineagePanel(number, column))));
  }
  return make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, make('tr', {},
    ...['Column', 'Type', 'Description', 'Tests', 'Made of'].map((title) => make('th', {}, title)))), body));
}

function codeSection(node) {
  const box = make('div'), texts = [['source', node.raw], ['compiled', node.compiled]].filter(([, sql]) => sql);
  if (!texts.length) return null;
  const buttons = texts.map(([name, sql]) => make('button', {'aria-pressed': 'false', onclick: () => show(name, sql)}, name));
  function show(name, sql) {
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(texts[i][0] === name)));
    box.replaceChildren(code(sql));
    copy.onclick = () => navigator.clipboard && navigator.clipboard.writeText(sql);
  }
  const copy = make('button', {}, 'copy');
  show(...texts[0]);
  return make('section', {}, make('h2', {}, 'SQL'), make('div', {class: 'bar'}, buttons, copy), box);
}

function nodePage(number, column) {
  const node = nodes[number];
  const near = around(number, 2, 2), graph = near.length > 1 ? graphOf(near.slice(0, 300), number, true) : null;
  const loose = node.tests.filter((test) => !node.columns.some((own) => own.name === test.column));
  return [make('div', {class: 'title'}, make('h1', {}, node.name), kindOf(node), node.tags.map((tag) => make('span', {class: 'tag'}, tag))),
    prose(node.description), factsOf(node), node.problem ? make('p', {class: 'warn'}, 'No column lineage: ' + node.problem) : null,
    node.columns.length ? [make('h2', {}, 'Columns'), make('p', {class: 'quiet'}, 'A column’s name shows its lineage.'), columnTable(number, column)] : null,
    loose.length ? [make('h2', {}, 'Tests'), make('p', {}, loose.map((test) => make('span', {class: 'tag', title: test.id}, test.name + (test.column ? ' · ' + test.column : ''))))] : null,
    graph ? [make('h2', {}, 'Neighbours'), make('div', {class: 'bar'}, make('a', {href: '#!/graph/' + encodeURIComponent(node.id)}, 'All it needs, and all that needs it')), graph.canvas] : null,
    make('div', {class: 'columns'}, make('div', {}, make('h2', {}, 'Depends on'), nodeLinks(node.needs)),
      make('div', {}, make('h2', {}, 'Needed by'), nodeLinks(readers[number]))),
    codeSection(node)].flat();
}

function graphPage(number) {
  const numbers = number === null ? nodes.map((node, i) => i) : around(number, nodes.length, nodes.length);
  if (!numbers.length) return [make('p', {class: 'quiet'}, 'The project has no nodes.')];
  const graph = graphOf(numbers, number, false);
  return [make('div', {class: 'bar'}, make('h1', {}, number === null ? 'Graph' : 'Graph of ' + nodes[number].name),
    make('span', {class: 'quiet'}, counted(numbers.length, 'node')), make('button', {onclick: () => graph.zoom(1.4)}, '+'),
    make('button', {onclick: () => graph.zoom(1 / 1.4)}, '−'), make('button', {onclick: () => graph.fit()}, 'fit'),
    number === null ? null : make('a', {href: linkTo(number)}, 'back to ' + nodes[number].name)), graph.canvas];
}

/** The project as folders; what is closed is not made yet. */
function buildTree() {
  const root = new Map();
  nodes.forEach((node, number) => {
    const folders = node.path.split('/').slice(0, -1);
    let at = root;
    for (const part of [node.package, ...(node.type === 'source' ? ['sources', node.name.split('.')[0]] : folders)]) {
      if (!at.has(part)) at.set(part, new Map());
      at = at.get(part);
    }
    at.set('\n' + number, number);
  });
  const fill = (box, level, depth) => {
    const entries = [...level].sort(([a, x], [b, y]) => (typeof x === 'number') - (typeof y === 'number')
      || (typeof x === 'number' ? nodes[x].name.localeCompare(nodes[y].name) : a.localeCompare(b)));
    for (const [name, below] of entries) {
      if (typeof below === 'number') {
        box.append(make('a', {href: linkTo(below), 'data-number': below}, nodes[below].name));
        continue;
      }
      const folder = make('details', {}, make('summary', {}, name));
      let made = false;
      const open = () => { if (!made) { made = true; fill(folder, below, depth + 1); } };
      folder.addEventListener('toggle', () => folder.open && open());
      folder.fillNow = open;
      if (depth === 0 && name === data.project.name) { open(); folder.open = true; }
      box.append(folder);
    }
  };
  const packages = new Map([...root].sort(([a], [b]) => (b === data.project.name) - (a === data.project.name)));
  for (const [name, below] of packages) fill(side, new Map([[name, below]]), 0);
}
function markInTree(number) {
  side.querySelectorAll('[aria-current]').forEach((link) => link.removeAttribute('aria-current'));
  if (number === null) return;
  const node = nodes[number];
  let at = side;
  for (const part of [node.package, ...(node.type === 'source' ? ['sources', node.name.split('.')[0]] : node.path.split('/').slice(0, -1))]) {
    const next = [...at.children].find((child) => child.tagName === 'DETAILS' && child.firstChild.textContent === part);
    if (!next) return;
    next.fillNow();
    next.open = true;
    at = next;
  }
  const link = at.querySelector('[data-number="' + number + '"]');
  if (link) { link.setAttribute('aria-current', 'page'); link.scrollIntoView({block: 'nearest'}); }
}

/** The best hits: names before columns before descriptions. */
let index = null;
function find(words) {
  index ||= nodes.map((node) => ({name: node.name.toLowerCase(), tags: node.tags.join(' ').toLowerCase(),
    columns: node.columns.map((column) => column.name.toLowerCase()), text: (node.id + ' ' + node.description).toLowerCase()}));
  const hits = [];
  const word = words.toLowerCase().trim();
  index.forEach((entry, number) => {
    const column = entry.columns.findIndex((name) => name.includes(word));
    const rank = entry.name === word ? 0 : entry.name.startsWith(word) ? 1 : entry.name.includes(word) ? 2
      : column >= 0 ? (entry.columns[column] === word ? 3 : 4) : entry.tags.includes(word) ? 5 : entry.text.includes(word) ? 6 : -1;
    if (rank >= 0) hits.push({rank, number, column: rank === 3 || rank === 4 ? nodes[number].columns[column].name : null});
  });
  return hits.sort((a, b) => a.rank - b.rank || nodes[a.number].name.length - nodes[b.number].name.length).slice(0, 40);
}
function wireSearch() {
  const input = document.getElementById('search'), list = document.getElementById('hits');
  let at = -1;
  const close = () => { list.hidden = true; at = -1; };
  const show = () => {
    const hits = input.value.trim() ? find(input.value) : [];
    at = -1;
    list.hidden = !input.value.trim();
    list.replaceChildren(...hits.map((hit) => make('li', {}, make('a', {href: linkTo(hit.number, hit.column), onclick: close},
      nodes[hit.number].name + (hit.column ? '.' + hit.column : ''), ' ', kindOf(nodes[hit.number])))),
      ...(hits.length ? [] : [make('li', {class: 'quiet'}, 'Nothing found.')]));
  };
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    const links = [...list.querySelectorAll('a')];
    if (event.key === 'Escape') { close(); input.blur(); }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      at = Math.max(0, Math.min(links.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)));
      links.forEach((link, i) => link.classList.toggle('at', i === at));
      if (links[at]) links[at].scrollIntoView({block: 'nearest'});
      event.preventDefault();
    }
    if (event.key === 'Enter' && links.length) { location.hash = links[Math.max(0, at)].getAttribute('href'); close(); input.blur(); }
  });
  document.addEventListener('click', (event) => { if (!event.target.closest('.finder')) close(); });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) { event.preventDefault(); input.focus(); }
  });
}

let shown = null;
function route() {
  const [, page, id, column] = location.hash.split('/').map((part, i) => i > 1 ? decodeURIComponent(part) : part);
  const number = id !== undefined && numberOf.has(id) ? numberOf.get(id) : null;
  let content;
  if (page === 'node' && number === null) content = [make('h1', {}, 'No such node'), make('p', {class: 'quiet'}, id || '')];
  else if (page === 'node') content = nodePage(number, column);
  else if (page === 'graph') content = graphPage(number);
  else content = overviewPage();
  main.replaceChildren(...content.flat().filter(Boolean));
  document.title = (number === null ? '' : nodes[number].name + (column ? '.' + column : '') + ' · ') + data.project.name;
  side.classList.remove('open');
  markInTree(page === 'node' ? number : null);
  const key = page + '/' + id;
  if (key !== shown) window.scrollTo(0, 0);
  else if (column) main.querySelector('tr.chosen')?.scrollIntoView({block: 'nearest'});
  shown = key;
}

document.getElementById('project').textContent = data.project.name;
const menu = document.getElementById('menu');
menu.addEventListener('click', () => menu.setAttribute('aria-expanded', String(side.classList.toggle('open'))));
buildTree();
wireSearch();
window.addEventListener('hashchange', route);
route();
