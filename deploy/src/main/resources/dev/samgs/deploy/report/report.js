'use strict';
// Shows the values under the pointer, or under the cursor that the arrow keys move.
for (const plot of document.querySelectorAll('svg.plot')) {
  const {rows, stretch, left, right} = Object.fromEntries(
    Object.entries(plot.dataset).map(([key, value]) => [key, Number(value)]));
  const lines = [...plot.querySelectorAll('path.line')].map(
    path => ({name: path.dataset.name, values: path.dataset.values.split(' ')})).reverse();
  const cursor = plot.querySelector('.cursor');
  const output = plot.parentElement.querySelector('output');
  const last = Math.max(...lines.map(line => line.values.length)) - 1;
  let at = last;
  const show = index => {
    at = Math.max(0, Math.min(last, index));
    const row = Math.min(rows, (at + 1) * stretch);
    cursor.setAttribute('transform', `translate(${left + (right - left) * row / rows} 0)`);
    cursor.style.visibility = 'visible';
    output.textContent = `row ${row.toLocaleString('en')}: ` +
      lines.map(line => `${line.name} ${line.values[at] ?? '-'}`).join(', ');
  };
  const hide = () => {
    cursor.style.visibility = 'hidden';
    output.textContent = '';
  };
  plot.addEventListener('pointermove', event => {
    const box = plot.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * plot.viewBox.baseVal.width;
    show(Math.round((x - left) / (right - left) * rows / stretch) - 1);
  });
  plot.addEventListener('pointerleave', hide);
  plot.addEventListener('focus', () => { if (plot.matches(':focus-visible')) show(at); });
  plot.addEventListener('blur', hide);
  plot.addEventListener('keydown', event => {
    const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity}[event.key];
    if (step !== undefined) {
      event.preventDefault();
      show(at + step);
    }
  });
}
for (const heat of document.querySelectorAll('svg.heat')) {
  const cells = [...heat.querySelectorAll('g[data-value]')];
  const output = heat.parentElement.querySelector('output');
  let at = -1;
  cells.forEach((cell, index) => cell.addEventListener('pointerenter', () => {
    at = index;
    output.textContent = cell.dataset.value;
  }));
  heat.addEventListener('keydown', event => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step && cells.length) {
      event.preventDefault();
      at = (at + step + cells.length) % cells.length;
      output.textContent = cells[at].dataset.value;
    }
  });
}
