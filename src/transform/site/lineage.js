'use strict';
// Where a column comes from and where it goes: as lists and as a drawing.

/** What a column is made of, or what is made of it, one step. */
function steps(number, column, down) {
  if (typeof number !== 'number') return [];
  if (down) return usesOf(number, column);
  const own = columnOf(number, column);
  return own ? own.from.map(([node, name, how, field]) => [node, name, how, field]) : [];
}

const howMark = (how) => make('span', {class: 'how ' + hows[how]}, hows[how]);
function columnLink(node, column, field) {
  const text = nameOf(node) + '.' + column + (field ? '.' + field : '');
  return typeof node === 'number' ? make('a', {href: linkTo(node, column)}, text) : make('span', {}, text);
}

/** All steps as nested lists; what was listed before is not listed again, and no list has no end. */
function stepList(number, column, down, state = {seen: new Set(), left: 300}) {
  const list = make('ul', {class: 'steps'});
  for (const [node, name, how, field] of steps(number, column, down)) {
    if (state.left-- <= 0) {
      list.append(make('li', {class: 'quiet'}, '…'));
      break;
    }
    const key = node + '/' + name, more = steps(node, name, down).length > 0;
    const item = make('li', {}, columnLink(node, name, field), ' ', howMark(how));
    if (more && state.seen.has(key)) {
      item.append(make('span', {class: 'quiet'}, '  as above'));
    } else if (more) {
      state.seen.add(key);
      item.append(stepList(node, name, down, state));
    }
    list.append(item);
  }
  return list;
}

/** Every column on the ways to and from one, and the steps between them. */
function reached(number, column) {
  const columns = new Map([[number + '/' + column, [number, column]]]), edges = new Map();
  for (const down of [false, true]) {
    const open = [[number, column]];
    const seen = new Set();
    while (open.length) {
      const [node, name] = open.pop();
      if (seen.has(node + '/' + name)) continue;
      seen.add(node + '/' + name);
      for (const [other, own, how] of steps(node, name, down)) {
        columns.set(other + '/' + own, [other, own]);
        const [from, to] = down ? [node + '/' + name, other + '/' + own] : [other + '/' + own, node + '/' + name];
        edges.set(from + ' ' + to, {from, to, how});
        open.push([other, own]);
      }
    }
  }
  return {columns, edges: [...edges.values()]};
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const short = (text, most) => text.length > most ? text.slice(0, most - 9) + '…' + text.slice(-8) : text;

/** A drawing of the columns that are reached: a box for each node, a line for each step. */
function lineageDrawing(number, column) {
  const {columns, edges} = reached(number, column);
  const inBox = new Map();
  for (const [node, name] of columns.values()) {
    if (!inBox.has(node)) inBox.set(node, []);
    inBox.get(node).push(name);
  }
  const most = 400;
  if (columns.size > most) return make('p', {class: 'quiet'}, 'More than ' + most + ' columns: see the lists.');
  const before = new Map([...inBox.keys()].map((key) => [key, new Set()]));
  const after = new Map([...inBox.keys()].map((key) => [key, new Set()]));
  for (const {from, to} of edges) {
    const [a] = columns.get(from), [b] = columns.get(to);
    if (a !== b) { before.get(b).add(a); after.get(a).add(b); }
  }
  const layers = layersOf([...inBox.keys()], (key) => [...before.get(key)]);
  untangle(layers, (key) => [...before.get(key)], (key) => [...after.get(key)]);
  const width = 220, gap = 90, row = 22, place = new Map();
  const boxes = [], heights = layers.map((layer) => layer.reduce((sum, key) => sum + (inBox.get(key).length + 1) * row + 16, 0));
  const tallest = Math.max(...heights);
  layers.forEach((layer, i) => {
    let y = (tallest - heights[i]) / 2 + 1;
    for (const key of layer) {
      const x = i * (width + gap) + 1, names = inBox.get(key).sort(), height = (names.length + 1) * row;
      const box = svg('g', {}, svg('rect', {x, y, width, height, rx: 3, class: 'box'}),
        svg('rect', {x, y, width, height: row, rx: 3, class: 'head'}));
      const label = (text, line, href, hot) => {
        if (hot) box.append(svg('rect', {x: x + 1, y: y + line * row, width: width - 2, height: row - 1, class: 'hot'}));
        const words = svg('text', {x: x + 10, y: y + line * row + 15, 'font-weight': line ? 400 : 600}, short(text, 30));
        words.append(svg('title', {}, text));
        box.append(href ? svg('a', {href}, words) : words);
      };
      label(nameOf(key), 0, typeof key === 'number' ? linkTo(key) : null, false);
      names.forEach((name, line) => {
        place.set(key + '/' + name, [x, y + (line + 1.5) * row]);
        label(name, line + 1, typeof key === 'number' ? linkTo(key, name) : null, key === number && name === column);
      });
      boxes.push(box);
      y += height + 16;
    }
  });
  const picture = svg('svg', {width: layers.length * (width + gap) - gap + 2, height: tallest + 2, role: 'img',
    'aria-label': 'Lineage of ' + nameOf(number) + '.' + column});
  for (const {from, to, how} of edges) {
    const [x, y] = place.get(from), [endX, endY] = place.get(to), startX = x + width;
    picture.append(svg('path', {class: hows[how], d: `M${startX} ${y}C${startX + 45} ${y} ${endX - 45} ${endY} ${endX} ${endY}`}));
  }
  picture.append(...boxes);
  return make('div', {class: 'scroll'}, picture);
}

/** What a click on a column shows. */
function lineagePanel(number, column) {
  const own = columnOf(number, column.name) || column;
  const up = stepList(number, own.name, false), down = stepList(number, own.name, true);
  const deciding = [...new Map([...own.decides, ...nodes[number].decides].map((at) => [at.join('/'), at])).values()];
  return make('section', {class: 'panel', 'aria-label': 'Lineage of ' + own.name},
    make('h3', {}, 'Lineage of ' + own.name),
    up.children.length || down.children.length ? lineageDrawing(number, own.name) : null,
    make('div', {class: 'columns'},
      make('div', {}, make('h3', {}, 'Made of'), up.children.length ? up : make('p', {class: 'quiet'}, 'No other column.')),
      make('div', {}, make('h3', {}, 'Used by'), down.children.length ? down : make('p', {class: 'quiet'}, 'No other column.'))),
    deciding.length ? make('p', {}, make('span', {class: 'quiet'}, 'Filters, joins, groups and order depend on '),
      ...deciding.flatMap(([node, name], i) => [i ? ', ' : '', columnLink(node, name)])) : null);
}
