// Listens to the server and keeps the page as things stand.
import {LineChart, HeatMap, clock, count, element, figure, moment} from './charts.js';

const LISTED = 100;
const LETTERS = 50;
const SNAPSHOTS = 8;
const SILENCE_MILLIS = 15_000;
const QUIET_MILLIS = 60_000;
const $ = id => document.getElementById(id);

const models = new Map();
let letters = [];
let stream = null;
let wanted = '';
let model = null;
let state = null;
let control = false;
let heard = 0;
let told = false;
let alarmsTold = null;
const charts = new Map();

// ---- Connection ----

function wantedModel() {
  return new URLSearchParams(location.hash.slice(1)).get('model') ?? '';
}

function listen() {
  stream?.close();
  wanted = wantedModel();
  told = false;
  stream = new EventSource('events?model=' + encodeURIComponent(wanted));
  stream.onmessage = event => {
    const message = JSON.parse(event.data);
    heard = Date.now();
    if (message.hello) {
      control = message.hello.control;
      letters = [];
      told = true;
      return;
    }
    take(message);
  };
  stream.onerror = () => {
    told = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
    drawConnection();
  };
}

function take(message) {
  state = message.state;
  if (message.all) models.clear();
  for (const summary of message.models) models.set(summary[0], summary);
  if (message.models.length || message.all) drawList();
  if (message.letters.length || message.all) {
    letters = [...message.letters.reverse(), ...letters].slice(0, LETTERS);
    drawLetters();
  }
  if (message.model) {
    if (model?.name !== message.model.name) {
      alarmsTold = null;
      charts.clear();
      for (const id of ['scores', 'losses', 'gradients']) $(id).replaceChildren();
    }
    model = message.model;
    drawModel();
    drawList();
  } else if (message.all) {
    model = null;
    $('model').hidden = true;
    $('nothing').hidden = false;
    $('nothing').textContent = wanted ? `Nothing has been heard of a model ${wanted} yet.` : 'Waiting for the first figures.';
  }
  drawConnection();
  drawTotals();
}

function drawConnection() {
  const pill = $('connection');
  let [style, text] = ['live', 'live'];
  if (!told || Date.now() - heard > SILENCE_MILLIS) {
    [style, text] = heard ? ['lost', `the console does not answer; as of ${clock(heard)}, trying again`] : ['waiting', 'connecting'];
  } else if (!state?.connected) {
    [style, text] = state?.problem ? ['lost', state.problem] : ['waiting', 'connecting to Kafka'];
  } else if (!state.caughtUp) {
    [style, text] = ['waiting', `reading what the topics hold, ${count(state.unread)} records left`];
  }
  pill.className = `pill ${style}`;
  document.body.classList.toggle('stale', style === 'lost');
  if (pill.textContent !== text) pill.textContent = text;
}

// ---- All models ----

function facts(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value, title]) =>
    element('div', title ? {title} : {}, element('dt', {}, name), element('dd', {}, value))));
}

function drawTotals() {
  facts($('totals'), [
    ['events/s', figure(state.rate)],
    ['models', count(state.models), state.forgotten ? `${count(state.forgotten)} more were forgotten: the console holds the liveliest` : ''],
    ['drifting', count(state.drifting)],
    ['dead letters', count(state.deadLetters)],
    ['not in a snapshot', state.unlearned < 0 ? '–' : count(state.unlearned), 'Events on the input topic that are in no published model yet'],
    ...(state.unreadable ? [['unreadable records', count(state.unreadable)]] : []),
  ]);
}

let listing = '';
function drawList() {
  const search = $('search').value.trim().toLowerCase();
  const found = [...models.values()].filter(m => m[0].toLowerCase().includes(search))
    .sort((a, b) => (b[2] > 0) - (a[2] > 0) || a[0].localeCompare(b[0], 'en', {numeric: true}));
  const now = state?.now ?? Date.now();
  const shown = found.slice(0, LISTED).map(([name, tasks, drifting, , margin, rate, seen]) => ({
    name, drifting,
    about: seen === 0 ? 'no figures yet'
      : now - seen > QUIET_MILLIS ? `quiet since ${moment(seen)}`
      : `${rate === null ? '' : figure(rate) + ' events/s, '}${margin === null || margin === undefined ? `${tasks} tasks`
        : margin >= 0 ? 'all tasks ahead of baseline' : 'a task behind its baseline'}`,
  }));
  const signature = JSON.stringify([shown, model?.name, found.length]);
  if (signature === listing) return;
  listing = signature;
  const focused = document.activeElement?.closest('#models') ? document.activeElement.getAttribute('href') : null;
  $('models').replaceChildren(...shown.map(m => element('li', {},
    element('a', {href: '#model=' + encodeURIComponent(m.name), 'aria-current': m.name === model?.name ? 'true' : null},
      element('span', {class: 'what', title: m.name}, m.name),
      m.drifting > 0 && element('span', {class: 'badge bad'}, 'drifting'),
      element('small', {}, m.about)))));
  if (focused) [...$('models').querySelectorAll('a')].find(a => a.getAttribute('href') === focused)?.focus();
  $('more').textContent = found.length > LISTED ? `${count(found.length - LISTED)} more; type to narrow the list`
    : !found.length && models.size ? 'No model has such a name.' : '';
}

// ---- One model ----

function chart(place, id, Kind) {
  if (!charts.has(id)) {
    charts.set(id, new Kind());
    $(place).append(charts.get(id).root);
  }
  return charts.get(id);
}

const range = () => document.querySelector('input[name=range]:checked').value;

function marks(task) {
  return model.alarms.filter(a => a.task === task || a.kind === 'features').map(a => ({
    t: a.timestamp,
    style: a.kind === 'error' ? 'alarm' : 'shift',
    text: `${{error: 'the error of ' + a.task + ' has risen', labels: 'the labels of ' + a.task + ' have shifted', features: 'the features have shifted'}[a.kind]}, ${moment(a.timestamp)}`,
  }));
}

function drawModel() {
  $('nothing').hidden = true;
  $('model').hidden = false;
  $('name').textContent = model.name;
  document.title = `${model.name} – samgs console`;
  const tasks = model.tasks.map(t => t.newest);
  const newest = tasks.reduce((a, b) => !a || b.update > a.update ? b : a, null);
  const drifting = tasks.filter(t => t.driftState === 'drift');
  const behind = tasks.filter(t => t.score !== null && t.score < t.baselineScore);
  replaceIfNew($('standing'), [
    drifting.length ? ['bad', `drifting: ${drifting.map(t => t.task).join(', ')}`] : ['good', 'stable'],
    ...(behind.length ? [['bad', `behind its baseline: ${behind.map(t => t.task).join(', ')}`]] : []),
    ...(newest?.gate.pinned ? [['bad', 'pinned']] : []),
  ], ([style, text]) => element('span', {class: `badge ${style}`}, text));
  facts($('facts'), newest ? [
    ['events/s', figure(model.rate)],
    ['events', count(newest.rows)],
    ['updates', count(newest.update)],
    ['event time', moment(newest.watermark)],
    ['behind the clock', delay(model.seen - newest.watermark), 'When the newest figures were written, less the event time that they are up to'],
    ['missing feature values', share(newest.missingFeatures)],
    ['feature shift', figure(newest.featureShift), 'Largest population stability index; from 0.25 on it is much'],
    ['refused updates', count(newest.refusedUpdates)],
    ['withheld snapshots', count(newest.gate.withheld)],
    ['rollbacks', count(newest.gate.rollbacks)],
  ] : []);
  for (const task of model.tasks) drawTask(task);
  drawGradients(tasks, newest);
  drawAlarms();
  drawSnapshots(tasks, newest);
  announceAlarms();
}

const share = value => value === null || value === undefined ? '–' : `${figure(value * 100)}\u00a0%`;

function delay(millis) {
  const seconds = millis / 1000;
  return seconds < -1 ? 'ahead' : seconds < 120 ? `${figure(Math.max(0, seconds))} s`
    : seconds < 7200 ? `${figure(seconds / 60)} min` : seconds < 172800 ? `${figure(seconds / 3600)} h` : `${figure(seconds / 86400)} days`;
}

/** All but the lowest of the values are above it. */
function usual(values) {
  const sorted = values.filter(v => v !== null).sort((a, b) => a - b);
  return sorted[Math.floor(0.05 * sorted.length)] ?? 0;
}

function drawTask({newest, ...series}) {
  const {t, score, baselineScore, loss, baselineLoss} = series[range()];
  const caption = () => [newest.task, element('small', {}, ` ${newest.kind}`),
    ...(newest.driftState === 'drift' ? [element('span', {class: 'badge bad'}, 'drifting')] : [])];
  const now = (ours, naive, better) => [
    element('b', {class: ours === null || naive === null ? '' : better ? 'better' : 'worse'}, figure(ours)),
    element('span', {}, `baseline ${figure(naive)}`)];
  chart('scores', 'score ' + newest.task, LineChart).update({
    caption: caption(),
    title: `Score of ${newest.task}`,
    description: `Now ${figure(newest.score)}; the naive baseline has ${figure(newest.baselineScore)}. Over ${count(newest.labels)} labels.`,
    now: now(newest.score, newest.baselineScore, newest.score >= newest.baselineScore),
    lines: [{name: 'learner', style: 'learner', t, v: score}, {name: 'baseline', style: 'baseline', t, v: baselineScore}],
    marks: marks(newest.task),
    range: [Math.max(-1, Math.min(0, usual(score))), 1],
  });
  chart('losses', 'loss ' + newest.task, LineChart).update({
    caption: caption(),
    title: `Loss of ${newest.task}`,
    description: `Now ${figure(newest.loss)}; the naive baseline has ${figure(newest.baselineLoss)}.`,
    now: now(newest.loss, newest.baselineLoss, newest.loss <= newest.baselineLoss),
    lines: [{name: 'learner', style: 'learner', t, v: loss}, {name: 'baseline', style: 'baseline', t, v: baselineLoss}],
    marks: marks(newest.task),
    range: null,
  });
}

function drawGradients(tasks, newest) {
  const {t, equalised, similarity} = model.surgery[range()];
  const last = equalised.length ? equalised[equalised.length - 1] : null;
  $('branch').textContent = last === null ? '' : last > 0.5
    ? 'Lately the gradients differ so much in size that most steps equalise them.'
    : last > 0 ? 'Lately most steps leave the gradients their sizes; some equalise them.'
    : 'Lately the gradients are alike in size: no step equalises them.';
  chart('gradients', 'branch', LineChart).update({
    caption: ['Which branch SAM-GS takes'],
    title: 'Which branch SAM-GS takes',
    description: `Of all steps of the model ${share(newest?.equalisedShare)} equalised the gradients; mean similarity in the last step ${figure(newest?.meanSimilarity)}.`,
    now: [element('b', {}, share(last)), element('span', {}, `of steps equalise; ${share(newest?.equalisedShare)} since the model began`)],
    lines: [{name: 'share equalised', style: 'equalised', t, v: equalised}, {name: 'mean similarity', style: 'similarity', t, v: similarity}],
    marks: [],
    range: [0, 1],
  });
  const names = tasks.map(task => task.task);
  if (names.length > 1) {
    const pair = key => (a, b) => tasks.find(task => task.task === a).similarities.find(s => s.task === b)?.[key] ?? null;
    chart('gradients', 'magnitude', HeatMap).update({
      title: 'Gradient magnitude similarity', names, pairs: pair('magnitude'),
      description: 'One means gradients of the same size.'});
    chart('gradients', 'cosine', HeatMap).update({
      title: 'Cosine between gradients', names, pairs: pair('cosine'),
      description: 'Below zero two tasks pull against each other.'});
  }
  table('weights', [['task'], ['gradient norm', 'number'], ['weight after surgery', 'number'], ['labels', 'number'], ['label delay', 'number'], ['label shift', 'number'], ['near an alarm', 'number']],
    tasks.map(task => [task.task, figure(task.gradientNorm), figure(task.effectiveWeight), count(task.labels),
      task.labelDelay === null ? '–' : delay(task.labelDelay), figure(task.labelShift), share(task.driftStatistic)]), '');
}

function drawAlarms() {
  table('alarms', [['seen at'], ['began'], ['what'], ['detector'], ['before', 'number'], ['after', 'number'], ['moved most', 'further']],
    model.alarms.map(a => [moment(a.timestamp), moment(a.began),
      {error: `error of ${a.task}`, labels: `labels of ${a.task}`, features: 'features'}[a.kind] ?? a.kind,
      a.detector, figure(a.before), figure(a.after),
      a.moved.map(m => `${m.feature} ${figure(m.stabilityIndex)}`).join(', ') || '–']),
    'Nothing has drifted as far back as the console has read.');
}

function announceAlarms() {
  const keys = model.alarms.map(a => `${a.timestamp} ${a.kind} ${a.task}`);
  if (alarmsTold) {
    const fresh = model.alarms.filter((a, i) => !alarmsTold.has(keys[i]));
    if (fresh.length) {
      $('announcement').textContent = `Drift alarm for ${model.name}: ` + [...new Set(fresh.map(a => a.task ?? 'features'))].join(', ');
    }
  }
  alarmsTold = new Set(keys);
}

/** A version is an incarnation and a number in it. */
function short(version) {
  const all = BigInt(version);
  return `#${all & 0xffffffffn}` + (all >> 32n > 1n ? ` of ${all >> 32n}` : '');
}

function drawSnapshots(tasks, newest) {
  const pinned = newest?.gate.pinned;
  $('published').replaceChildren(
    newest?.gate.verdict === 'withheld' ? `The latest candidate was withheld: ${newest.gate.reason}. ` : '',
    pinned ? 'The model is pinned: nothing new is published until it is unpinned. ' : '',
    model.snapshots.length ? `Loss on about the last 200 labels when it was published, with the baseline's. ` : '',
    ...(control && pinned ? [button('unpin', null, 'Unpin…')] : []));
  const open = $('show').getAttribute('aria-expanded') === 'true';
  $('show').hidden = model.snapshots.length <= SNAPSHOTS;
  $('show').textContent = open ? 'Show the latest only' : `Show all ${model.snapshots.length}`;
  table('snapshots', [['version'], ['published'], ['update', 'number'], ['verdict'], ...tasks.map(t => [t.task, 'number']), ...(control ? [['']] : [])],
    model.snapshots.slice(0, open ? undefined : SNAPSHOTS).map((s, i) => [
      [short(s.version), short(s.version) !== '#' + s.version && element('span', {class: 'sub'}, s.version)],
      [moment(s.published), element('span', {class: 'sub'}, `${s.stored ? 'in the store' : kib(s.bytes)}`)],
      count(s.update),
      [s.verdict ?? '–', s.parent && s.verdict !== 'passed' && element('span', {class: 'sub'}, `after ${short(s.parent)}`)],
      ...tasks.map(t => {
        const score = s.scores?.[t.task];
        return [element('span', {class: score?.loss < score?.baselineLoss ? 'better' : score?.loss > score?.baselineLoss ? 'worse' : ''}, figure(score?.loss)),
          element('span', {class: 'sub'}, figure(score?.baselineLoss))];
      }),
      ...(control ? [[i > 0 && button('rollback', s.version, 'Roll back…'), button('pin', s.version, 'Pin…')]] : [])]),
    'No snapshot is on the topic.');
  replaceIfNew($('commands'), model.commands, c => element('li', {},
    `${moment(c.at)}: ${c.by || 'somebody'} asked to ${c.action}${c.version ? ` at ${short(c.version)}` : ''}${c.reason ? ` (${c.reason})` : ''}`));
}

const kib = bytes => bytes < 1024 * 1024 ? `${figure(bytes / 1024)} KiB` : `${figure(bytes / 1048576)} MiB`;

function table(id, columns, rows, nothing) {
  const host = $(id);
  const signature = JSON.stringify([columns, rows], (key, value) => value instanceof Element ? value.outerHTML : value);
  if (host.dataset.rows === signature) return;
  host.dataset.rows = signature;
  const focused = host.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const cell = (content, i) => element('td', {class: columns[i][1] ?? (columns[i][0] ? null : 'actions')}, ...[content].flat());
  host.replaceChildren(
    element('thead', {}, element('tr', {}, ...columns.map(([name, style]) => element('th', {scope: 'col', class: style}, name || element('span', {class: 'hidden'}, 'what to do'))))),
    element('tbody', {}, ...(rows.length ? rows.map(row => element('tr', {}, element('th', {scope: 'row'}, ...[row[0]].flat().filter(Boolean)), ...row.slice(1).map((c, i) => cell(c, i + 1))))
      : [element('tr', {}, element('td', {colspan: columns.length, class: 'nothing'}, nothing))])));
  if (focused) host.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function replaceIfNew(host, values, draw) {
  const signature = JSON.stringify(values);
  if (host.dataset.values !== signature) {
    host.dataset.values = signature;
    host.replaceChildren(...values.map(draw));
  }
}

// ---- Dead letters ----

function drawLetters() {
  const reasons = Object.entries(state.refusals);
  $('refusals').textContent = reasons.length
    ? `Records that were refused, of all models, by reason: ${reasons.map(([reason, n]) => `${reason} ${count(n)}`).join(', ')}. The latest:`
    : 'No record was refused as far back as the console has read.';
  const open = new Set([...document.querySelectorAll('#letters details[open]')].map(d => d.dataset.number));
  const focused = document.activeElement?.closest('#letters details')?.dataset.number;
  $('letters').replaceChildren(...letters.slice(0, 20).map(letter => element('details', {'data-number': letter.number, open: open.has(String(letter.number))},
    element('summary', {}, element('code', {}, letter.reason ?? 'unknown'), `${letter.topic}-${letter.partition} at ${letter.offset}`, element('span', {}, moment(letter.at))),
    element('p', {}, letter.detail, letter.partly ? ' The rest of the event was used.' : ''),
    element('pre', {tabindex: '0'}, `key    ${letter.key ?? 'none'}\nvalue  ${letter.value ?? 'none'}\n       ${count(Number(letter.bytes))} bytes`))));
  if (focused) document.querySelector(`#letters details[data-number="${focused}"] summary`)?.focus();
}

// ---- Commands ----

let command = null;

function button(action, version, text) {
  const made = element('button', {type: 'button', 'data-key': `${action} ${version}`, 'data-action': action, 'data-version': version}, text);
  if (version) made.setAttribute('aria-label', `${text.replace('…', '')} at ${short(version)}`);
  return made;
}

document.addEventListener('click', event => {
  const pressed = event.target.closest('button[data-action]');
  if (!pressed) return;
  const {action, version} = pressed.dataset;
  command = {model: model.name, action, ...(version ? {version} : {})};
  const what = {rollback: 'Roll back', pin: 'Pin', unpin: 'Unpin'}[action];
  $('d-title').textContent = `${what} ${model.name}${version ? ` ${action === 'pin' ? 'at' : 'to'} ${short(version)}` : ''}`;
  $('d-text').textContent = {
    rollback: 'The job brings the parameters of this version back into the learner, publishes them under a new version, and learns on from there. What was learned since is lost.',
    pin: 'The job publishes this version until it is unpinned, and learns on.',
    unpin: 'The job publishes again as it is configured.',
  }[action];
  $('d-name').textContent = model.name;
  $('d-confirm').value = '';
  $('d-reason').value = '';
  $('d-answer').textContent = '';
  $('d-cancel').textContent = 'Cancel';
  $('d-send').textContent = what;
  $('d-send').disabled = true;
  $('d-send').hidden = false;
  $('dialog').showModal();
  $('d-confirm').focus();
});

$('d-confirm').addEventListener('input', () => { $('d-send').disabled = $('d-confirm').value !== command.model; });
$('d-cancel').addEventListener('click', () => $('dialog').close());

$('dialog').querySelector('form').addEventListener('submit', async event => {
  event.preventDefault();
  if ($('d-send').disabled) return;
  $('d-send').disabled = true;
  const answer = $('d-answer');
  answer.className = '';
  answer.textContent = 'asking …';
  try {
    const response = await fetch('control', {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({...command, confirm: $('d-confirm').value, reason: $('d-reason').value}),
    });
    const said = await response.json();
    answer.className = said.done ? 'good' : 'bad';
    answer.textContent = said.done ?? said.error;
    $('d-send').hidden = Boolean(said.done);
    if (said.done) {
      $('d-cancel').textContent = 'Close';
      $('d-cancel').focus();
    }
  } catch {
    answer.className = 'bad';
    answer.textContent = 'the console does not answer; nothing was asked';
  }
  $('d-send').disabled = $('d-confirm').value !== command.model;
});

// ---- Begin ----

$('search').addEventListener('input', drawList);
$('search').addEventListener('keydown', event => {
  if (event.key === 'Enter') $('models').querySelector('a')?.click();
});
for (const choice of document.querySelectorAll('input[name=range]')) {
  choice.addEventListener('change', () => { if (model) drawModel(); });
}
$('show').addEventListener('click', () => {
  $('show').setAttribute('aria-expanded', $('show').getAttribute('aria-expanded') !== 'true');
  drawModel();
});
addEventListener('hashchange', () => { if (wantedModel() !== wanted) listen(); });
setInterval(drawConnection, 2000);
listen();
