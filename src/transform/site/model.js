'use strict';
// What the page knows: nodes by number, and the ways between them.
// A node: {id, name, type, package, path, relation, schema, materialized, description, tags, columns, decides, problem,
//   raw, compiled, needs, tests, rows, bytes, details}. `needs` holds numbers of nodes.
// A column: {name, type, description, from, decides}; `from` holds [node, column, how, field], where `node` is a number,
//   or a text for what is no node; `decides` holds [node, column].
const data = JSON.parse(document.getElementById('data').textContent);
const nodes = data.nodes;
const hows = ['copy', 'computed', 'aggregated'];
const numberOf = new Map(nodes.map((node, number) => [node.id, number]));
const readers = nodes.map(() => []);
nodes.forEach((node, number) => node.needs.forEach((need) => readers[need].push(number)));

/** The columns that are made of each column, by "node/column"; made when it is first asked for. */
let uses = null;
function usesOf(number, column) {
  if (!uses) {
    uses = new Map();
    nodes.forEach((node, to) => node.columns.forEach((own) => own.from.forEach(([from, name, how]) => {
      const key = from + '/' + name;
      if (!uses.has(key)) uses.set(key, []);
      uses.get(key).push([to, own.name, how]);
    })));
  }
  return uses.get(number + '/' + column) || [];
}

function columnOf(number, name) {
  return typeof number === 'number' ? nodes[number].columns.find((column) => column.name === name) : undefined;
}
function nameOf(node) {
  return typeof node === 'number' ? nodes[node].name : node;
}
function linkTo(node, column) {
  return '#!/node/' + encodeURIComponent(nodes[node].id) + (column ? '/' + encodeURIComponent(column) : '');
}
/** A class for the metal of a layer, as everywhere in smelt. */
function metalOf(node) {
  const schema = node.schema.toLowerCase();
  return ['bronze', 'silver', 'gold'].find((metal) => schema === metal || schema.endsWith('_' + metal)) || '';
}

/** Makes an element; texts become text, never markup. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}
const counted = (count, word) => count.toLocaleString() + ' ' + word + (count === 1 ? '' : 's');
