// Draws lines over event time and matrices of pairs, as the report does.
const SVG = 'http://www.w3.org/2000/svg';
const MATRIX = 420, NARROWEST = 230, WIDEST = 800;
const HEIGHT = 190, LEFT = 46, RIGHT = 12, TOP = 12, BOTTOM = 28;
const SHOWN = 0.97, HEADROOM = 1.25;

export function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...content.filter(part => part !== null && part !== undefined && part !== false));
  return made;
}

function svg(name, attributes = {}, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Three significant digits, as the command line prints them. */
export function figure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(1).replace('e+', 'e');
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

export const count = value => value === null || value === undefined ? '–' : Math.round(value).toLocaleString('en');

const two = number => String(number).padStart(2, '0');

export function clock(millis, seconds = true) {
  const at = new Date(millis);
  return `${two(at.getHours())}:${two(at.getMinutes())}${seconds ? ':' + two(at.getSeconds()) : ''}`;
}

/** With the day where it is not today. */
export function moment(millis) {
  const at = new Date(millis);
  const day = at.toDateString() === new Date().toDateString() ? ''
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `;
  return day + clock(millis);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  172800, 604800, 2592000].map(s => s * 1000);

function timeTicks(from, to, most) {
  const step = STEPS.find(s => (to - from) / s <= most) ?? (to - from) / most;
  // Round in the reader's own time.
  const shift = new Date(from).getTimezoneOffset() * 60000;
  const ticks = [];
  for (let t = Math.ceil((from - shift) / step) * step + shift; t <= to; t += step) ticks.push(t);
  return ticks.map(t => [t, step >= 86400000 ? `${new Date(t).getMonth() + 1}/${new Date(t).getDate()}`
    : clock(t, step < 60000)]);
}

function ticks(low, high, wanted) {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (raw / power > 5 ? 10 : raw / power > 2 ? 5 : raw / power > 1 ? 2 : 1);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step + 0);
  return found;
}

const label = tick => Math.abs(tick) >= 10000 ? `${figure(tick / 1000)}k` : figure(Number(tick.toPrecision(4)));

/** A figure with a legend, a drawing and room for the values under the pointer; drawn again with each update. */
export class LineChart {
  #plot = svg('svg', {role: 'img', tabindex: '0', class: 'plot'});
  #width = MATRIX;
  #output = element('output', {class: 'values'});
  #legend = element('p', {class: 'legend'});
  #caption = element('figcaption');
  #now = element('p', {class: 'now'});
  #cursor = svg('path', {class: 'cursor', d: `M0 ${TOP}V${HEIGHT - BOTTOM}`});
  #lines = [];
  #place = x => x;
  #at = null;

  constructor() {
    this.root = element('figure', {class: 'chart'}, this.#caption, this.#now, this.#legend, this.#plot, this.#output);
    this.#plot.addEventListener('pointermove', event => {
      const box = this.#plot.getBoundingClientRect();
      this.#show(this.#nearest((event.clientX - box.left) / box.width * this.#width));
    });
    this.#plot.addEventListener('pointerleave', () => this.#hide());
    this.#plot.addEventListener('blur', () => this.#hide());
    this.#plot.addEventListener('focus', () => {
      if (this.#plot.matches(':focus-visible')) this.#show(this.#times.length - 1);
    });
    this.#plot.addEventListener('keydown', event => {
      const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity}[event.key];
      if (step !== undefined) {
        event.preventDefault();
        this.#show((this.#at ?? this.#times.length) + step);
      }
    });
  }

  get #times() { return this.#lines[0]?.t ?? []; }

  #nearest(x) {
    let best = 0;
    this.#times.forEach((t, i) => {
      if (Math.abs(this.#place(t) - x) < Math.abs(this.#place(this.#times[best]) - x)) best = i;
    });
    return best;
  }

  #show(index) {
    const times = this.#times;
    if (!times.length) return;
    this.#at = Math.max(0, Math.min(times.length - 1, index));
    this.#cursor.setAttribute('transform', `translate(${this.#place(times[this.#at])} 0)`);
    this.#cursor.style.visibility = 'visible';
    const text = `${moment(times[this.#at])}: ` + this.#lines.map(l => `${l.name} ${figure(l.v[this.#at])}`).join(', ');
    if (this.#output.textContent !== text) this.#output.textContent = text;
  }

  #hide() {
    this.#at = null;
    this.#cursor.style.visibility = 'hidden';
    this.#output.textContent = '';
  }

  /**
   * @param data caption (nodes), title, description, now (nodes), lines [{name, style, t, v}], all with the same t,
   *   marks [{t, style, text}], range [low, high] or null to fit it
   */
  update({caption, title, description, now, lines, marks, range}) {
    // As wide as there is room, so that letters keep their size.
    const WIDTH = this.#width = Math.max(NARROWEST, Math.min(WIDEST, this.#plot.clientWidth || MATRIX));
    this.#plot.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.#caption.replaceChildren(...caption);
    this.#now.replaceChildren(...now);
    this.#now.hidden = !now.length;
    this.#lines = lines;
    const times = this.#times;
    const all = lines.flatMap(l => l.v).filter(v => v !== null).sort((a, b) => a - b);
    let [low, high] = range ?? [0, 1];
    let cut = false;
    if (!range && all.length) {
      low = Math.min(0, all[0]);
      const largest = all[all.length - 1];
      high = Math.min(largest, HEADROOM * all[Math.floor(SHOWN * (all.length - 1))]);
      if (!(high > low)) high = largest > low ? largest : low + 1;
      cut = high < largest;
    } else if (all.length) {
      // What lies below the range is rare, and of no more interest for being far below.
      cut = all[0] < low;
    }
    const from = times[0] ?? 0;
    const to = times.length > 1 ? times[times.length - 1] : from + 1000;
    const x = t => LEFT + (t - from) / (to - from) * (WIDTH - RIGHT - LEFT);
    const y = v => HEIGHT - BOTTOM - (v - low) / (high - low) * (HEIGHT - BOTTOM - TOP);
    this.#place = x;
    const shown = marks.filter(m => m.t >= from && m.t <= to);
    this.#drawLegend(lines, shown, cut);
    const parts = [svg('title', {}, title), svg('desc', {}, description)];
    for (const tick of ticks(low, high, 4)) {
      parts.push(svg('path', {class: 'grid', d: `M${LEFT} ${y(tick).toFixed(1)}H${WIDTH - RIGHT}`}),
        svg('text', {x: LEFT - 6, y: y(tick).toFixed(1), dy: '0.35em', class: 'end'}, label(tick)));
    }
    if (times.length > 1) {
      for (const [t, text] of timeTicks(from, to, (WIDTH - LEFT) / 80)) {
        const at = x(t);
        parts.push(svg('path', {class: 'grid', d: `M${at.toFixed(1)} ${HEIGHT - BOTTOM}v4`}),
          svg('text', {x: at.toFixed(1), y: HEIGHT - BOTTOM + 18, class: at > WIDTH - RIGHT - 26 ? 'end' : 'middle'}, text));
      }
    }
    const window = svg('svg', {x: LEFT, y: TOP, width: WIDTH - RIGHT - LEFT, height: HEIGHT - BOTTOM - TOP,
      viewBox: `${LEFT} ${TOP} ${WIDTH - RIGHT - LEFT} ${HEIGHT - BOTTOM - TOP}`});
    for (const line of [...lines].reverse()) {
      let path = '', drawing = false;
      line.v.forEach((v, i) => {
        if (v !== null) {
          path += `${drawing ? 'L' : 'M'}${x(line.t[i]).toFixed(1)} ${Math.max(-1e5, Math.min(1e5, y(v))).toFixed(1)}`;
          if (!drawing && (line.v[i + 1] ?? null) === null) path += 'h0.1';
        }
        drawing = v !== null;
      });
      window.append(svg('path', {class: `line ${line.style}`, d: path}));
    }
    parts.push(window);
    for (const mark of shown) {
      const drawn = svg('path', {class: mark.style, d: `M${x(mark.t).toFixed(1)} ${HEIGHT - BOTTOM - 8}l5 8h-10z${mark.style === 'alarm' ? `m0 0V${TOP}` : ''}`});
      drawn.append(svg('title', {}, mark.text));
      parts.push(drawn);
    }
    parts.push(this.#cursor);
    this.#plot.replaceChildren(...parts);
    if (this.#at !== null) this.#show(this.#at);
  }

  #drawLegend(lines, marks, cut) {
    const key = (style, path, text) => {
      const drawing = svg('svg', {viewBox: '0 0 24 8', 'aria-hidden': 'true'});
      drawing.append(svg('path', {d: path}));
      return element('span', {class: `key ${style}`}, drawing, text);
    };
    const keys = lines.map(l => key(l.style, 'M1 4H23', l.name));
    if (marks.some(m => m.style === 'alarm')) keys.push(key('alarm', 'M12 0L17 8H7Z', 'drift alarm'));
    if (marks.some(m => m.style === 'shift')) keys.push(key('shift', 'M12 0L17 8H7Z', 'shift'));
    if (cut) keys.push(element('span', {class: 'note'}, 'cut off'));
    const signature = keys.map(k => k.className + k.textContent).join('|');
    if (this.#legend.dataset.keys !== signature) {
      this.#legend.dataset.keys = signature;
      this.#legend.replaceChildren(...keys);
    }
  }
}

/** A matrix of values between −1 and 1. */
export class HeatMap {
  #plot = svg('svg', {role: 'img', tabindex: '0', class: 'heat'});
  #output = element('output', {class: 'values'});
  #caption = element('figcaption');
  #cells = [];
  #at = -1;
  #signature = '';

  constructor() {
    this.root = element('figure', {class: 'chart'}, this.#caption, this.#plot, this.#output);
    this.#plot.addEventListener('keydown', event => {
      const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (step && this.#cells.length) {
        event.preventDefault();
        this.#show((this.#at + step + this.#cells.length) % this.#cells.length);
      }
    });
    this.#plot.addEventListener('pointerleave', () => { this.#output.textContent = ''; });
  }

  #show(index) {
    this.#at = index;
    this.#output.textContent = this.#cells[index];
  }

  /** @param pairs value of two names, null where there is none */
  update({title, description, names, pairs}) {
    const signature = JSON.stringify([title, names, names.map(a => names.map(b => pairs(a, b)))]);
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#caption.textContent = title;
    const short = (text, room) => text.length <= room ? text : text.slice(0, Math.max(1, room - 1)) + '…';
    const space = 8 * Math.min(18, Math.max(1, ...names.map(n => n.length))) + 10;
    const size = Math.min(58, (MATRIX - space) / names.length);
    this.#plot.setAttribute('viewBox', `0 0 ${MATRIX} ${(names.length * size + 24).toFixed(1)}`);
    this.#cells = [];
    const words = [];
    const parts = [];
    names.forEach((a, row) => {
      parts.push(svg('text', {x: space - 6, y: (row + 0.5) * size, dy: '0.35em', class: 'end'}, short(a, 18)));
      const column = svg('text', {x: space + (row + 0.5) * size, y: names.length * size + 16, class: 'middle'});
      column.append(svg('title', {}, a), short(a, Math.max(1, Math.floor(size / 8))));
      parts.push(column);
      names.forEach((b, at) => {
        if (row === at) return;
        const value = pairs(a, b);
        const text = `${a} and ${b}: ${value === null ? 'not together in the last step' : figure(value)}`;
        const index = this.#cells.push(text) - 1;
        if (value !== null && at < row && names.length <= 9) words.push(`${b} and ${a} ${figure(value)}`);
        const cell = svg('g');
        const box = svg('rect', {x: space + at * size + 1, y: row * size + 1, width: size - 2, height: size - 2, rx: 3,
          class: value === null ? 'none' : value < 0 ? 'against' : 'along',
          ...(value === null ? {} : {'fill-opacity': (0.8 * Math.min(1, Math.abs(value))).toFixed(2)})});
        box.append(svg('title', {}, text));
        cell.append(box);
        if (names.length <= 9 && value !== null) {
          cell.append(svg('text', {x: space + (at + 0.5) * size, y: (row + 0.5) * size, dy: '0.35em', class: 'middle'}, (Math.round(value * 100) / 100 + 0).toFixed(2)));
        }
        cell.addEventListener('pointerenter', () => this.#show(index));
        parts.push(cell);
      });
    });
    this.#plot.replaceChildren(svg('title', {}, title), svg('desc', {}, `${description} ${words.join('; ')}.`), ...parts);
  }
}
