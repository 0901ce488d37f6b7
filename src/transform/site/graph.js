'use strict';
// The graph of nodes: layers from left to right, drawn on a canvas so that thousands of nodes stay fast.

/** Gives each key its layer: one behind the last of those it needs. `before` of a key must lead to no circle. */
function layersOf(keys, before) {
  const layer = new Map(), within = new Set(keys);
  for (const start of keys) {
    const open = [start];
    while (open.length) {
      const key = open[open.length - 1];
      const missing = before(key).filter((other) => within.has(other) && !layer.has(other));
      if (missing.length && !layer.has(key)) { open.push(...missing); continue; }
      open.pop();
      if (layer.has(key)) continue;
      layer.set(key, before(key).reduce((most, other) => within.has(other) ? Math.max(most, layer.get(other) + 1) : most, 0));
    }
  }
  const layers = [];
  for (const key of keys) (layers[layer.get(key)] ||= []).push(key);
  return layers;
}

/** Orders each layer so that keys stand near their neighbours. */
function untangle(layers, before, after) {
  const place = new Map();
  const note = (layer) => layer.forEach((key, i) => place.set(key, i / Math.max(1, layer.length - 1)));
  layers.forEach(note);
  for (let sweep = 0; sweep < 4; sweep++) {
    const forward = sweep % 2 === 0;
    for (const layer of forward ? layers : [...layers].reverse()) {
      const wish = new Map(layer.map((key) => {
        const near = (forward ? before(key) : after(key)).filter((other) => place.has(other));
        return [key, near.length ? near.reduce((sum, other) => sum + place.get(other), 0) / near.length : place.get(key)];
      }));
      layer.sort((a, b) => wish.get(a) - wish.get(b));
      note(layer);
    }
  }
}

const boxWidth = 190, boxHeight = 24, stepX = 210, stepY = 34, gapX = 50;

/** A canvas with the nodes of these numbers, which can be moved, scaled and clicked. */
function graphOf(numbers, chosen, small) {
  const canvas = make('canvas', {class: small ? 'small' : '', tabindex: 0, role: 'img',
    'aria-label': counted(numbers.length, 'node') + '; arrow keys move, + and - scale'});
  const within = new Set(numbers);
  const layers = layersOf(numbers, (key) => nodes[key].needs);
  untangle(layers, (key) => nodes[key].needs, (key) => readers[key]);
  const at = new Map();
  // A layer that is too long for the shape of a screen stands in several columns.
  const rows = Math.max(14, Math.ceil(Math.sqrt(numbers.length * stepX / stepY / 1.7)));
  const tallest = Math.min(rows, Math.max(...layers.map((layer) => layer.length)));
  let right = 0;
  for (const layer of layers) {
    const columns = Math.ceil(layer.length / rows), high = Math.ceil(layer.length / columns);
    layer.forEach((key, i) => at.set(key, [right + Math.floor(i / high) * stepX,
      (i % high + (tallest - high) / 2) * stepY]));
    right += columns * stepX + gapX;
  }
  const extent = right - gapX - (stepX - boxWidth);
  const view = {x: 0, y: 0, scale: 1};
  let hovered = null, queued = false;

  function draw() {
    queued = false;
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    const left = -view.x / view.scale, top = -view.y / view.scale;
    const edge = left + width / view.scale, bottom = top + height / view.scale;
    const focus = hovered ?? chosen;
    const wire = (hot) => {
      pen.strokeStyle = hot ? colour('--accent') : colour('--line');
      pen.lineWidth = (hot ? 1.6 : 1) / Math.min(1, view.scale);
      pen.beginPath();
      for (const [key, [x, y]] of at) {
        for (const need of nodes[key].needs) {
          if (!within.has(need) || (key === focus || need === focus) !== hot) continue;
          const [fromX, fromY] = at.get(need);
          if (fromX > edge || x < left || Math.max(y, fromY) < top || Math.min(y, fromY) > bottom) continue;
          const startX = fromX + boxWidth, startY = fromY + boxHeight / 2, endY = y + boxHeight / 2;
          const bend = Math.max(30, (x - startX) / 2);
          pen.moveTo(startX, startY);
          pen.bezierCurveTo(startX + bend, startY, x - bend, endY, x, endY);
        }
      }
      pen.stroke();
    };
    wire(false);
    wire(true);
    pen.font = '12px system-ui, sans-serif';
    pen.textBaseline = 'middle';
    const tones = {model: colour('--copy'), source: colour('--copy'), seed: colour('--string'), snapshot: colour('--computed'),
      exposure: colour('--accent'), mark: colour('--mark'), box: colour('--raised'), line: colour('--line'), text: colour('--text')};
    const metals = {bronze: colour('--bronze'), silver: colour('--silver'), gold: colour('--gold')};
    for (const [key, [x, y]] of at) {
      if (x > edge || x + boxWidth < left || y > bottom || y + boxHeight < top) continue;
      const node = nodes[key];
      const tone = metals[metalOf(node)] || tones[node.type] || tones.model;
      pen.fillStyle = view.scale < 0.35 ? tone : key === chosen ? tones.mark : tones.box;
      pen.strokeStyle = key === focus ? tones.exposure : tones.line;
      pen.lineWidth = 1;
      pen.fillRect(x, y, boxWidth, boxHeight);
      pen.strokeRect(x, y, boxWidth, boxHeight);
      if (view.scale < 0.35) continue;
      pen.fillStyle = tone;
      pen.fillRect(x, y, 4, boxHeight);
      pen.fillStyle = tones.text;
      let label = node.name;
      if (label.length > 28) label = label.slice(0, 13) + '…' + label.slice(-13);
      pen.fillText(label, x + 12, y + boxHeight / 2 + 1, boxWidth - 18);
    }
  }
  const redraw = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };
  function fit() {
    const width = extent, height = tallest * stepY;
    const wanted = Math.min(canvas.clientWidth / (width + 40), canvas.clientHeight / (height + 40), 1);
    view.scale = Math.max(small ? 0.45 : 0.02, wanted);
    view.x = (canvas.clientWidth - width * view.scale) / 2;
    view.y = (canvas.clientHeight - height * view.scale) / 2;
    if (chosen !== null && view.scale > wanted) {
      const [x, y] = at.get(chosen);
      view.x = canvas.clientWidth / 2 - (x + boxWidth / 2) * view.scale;
      view.y = canvas.clientHeight / 2 - (y + boxHeight / 2) * view.scale;
    }
    redraw();
  }
  function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
    const scale = Math.min(3, Math.max(0.02, view.scale * factor));
    view.x = x - (x - view.x) * scale / view.scale;
    view.y = y - (y - view.y) * scale / view.scale;
    view.scale = scale;
    redraw();
  }
  function nodeAt(event) {
    const x = (event.offsetX - view.x) / view.scale, y = (event.offsetY - view.y) / view.scale;
    for (const [key, [left, top]] of at) {
      if (x >= left && x <= left + boxWidth && y >= top && y <= top + boxHeight) return key;
    }
    return null;
  }
  let grabbed = null;
  canvas.addEventListener('pointerdown', (event) => {
    grabbed = {x: event.clientX, y: event.clientY, moved: false};
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!grabbed) {
      const now = nodeAt(event);
      if (now !== hovered) { hovered = now; canvas.title = now === null ? '' : nodes[now].id; redraw(); }
      return;
    }
    const dx = event.clientX - grabbed.x, dy = event.clientY - grabbed.y;
    if (!grabbed.moved && Math.abs(dx) + Math.abs(dy) < 4) return;
    grabbed = {x: event.clientX, y: event.clientY, moved: true};
    view.x += dx;
    view.y += dy;
    redraw();
  });
  canvas.addEventListener('pointerup', (event) => {
    const key = grabbed && !grabbed.moved ? nodeAt(event) : null;
    grabbed = null;
    if (key !== null) location.hash = linkTo(key);
  });
  canvas.addEventListener('wheel', (event) => {
    if (small && !event.ctrlKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 500), event.offsetX, event.offsetY);
  }, {passive: false});
  canvas.addEventListener('keydown', (event) => {
    const move = {ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60]}[event.key];
    if (move) { view.x += move[0]; view.y += move[1]; redraw(); event.preventDefault(); }
    if (event.key === '+' || event.key === '=') zoom(1.25);
    if (event.key === '-') zoom(0.8);
    if (event.key === '0') fit();
  });
  new ResizeObserver(fit).observe(canvas);
  return {canvas, fit, zoom};
}

/** Numbers of nodes within so many steps of one, both ways. */
function around(number, up, down) {
  const found = new Set([number]);
  for (const [steps, next] of [[up, (key) => nodes[key].needs], [down, (key) => readers[key]]]) {
    let edge = [number];
    for (let i = 0; i < steps && edge.length; i++) {
      edge = [...new Set(edge.flatMap(next))].filter((key) => !found.has(key));
      edge.forEach((key) => found.add(key));
    }
  }
  return [...found];
}
