import type { Panel, Plot } from '../measure/plot.ts';
import { type Axis, linearAxis, logAxis } from './axis.ts';

const PANEL = { width: 380, height: 250 };
/** Around the axes of a panel. */
const MARGIN = { top: 46, right: 26, bottom: 44, left: 58 };
const SIDE = {
  x: PANEL.width - MARGIN.left - MARGIN.right,
  y: PANEL.height - MARGIN.top - MARGIN.bottom,
};
const TITLE_HEIGHT = 30;
const LEGEND_GAP = 22;
/** Width of a letter of the legend, about. */
const LETTER = 6.6;

/** Readable on white and on black, by everybody who tells blue from orange. */
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; }
.axis { stroke: #8c959f; }
.grid { stroke: #8c959f; stroke-opacity: 0.25; }
.line { fill: none; stroke-width: 2; }
.s0 { stroke: #0969da; fill: #0969da; }
.s1 { stroke: #bc4c00; fill: #bc4c00; }
.s2 { stroke: #1a7f37; fill: #1a7f37; }
.line.s0, .line.s1, .line.s2 { fill: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .s0 { stroke: #58a6ff; fill: #58a6ff; }
  .s1 { stroke: #f0883e; fill: #f0883e; }
  .s2 { stroke: #3fb950; fill: #3fb950; }
}`;

/** The plot as an SVG document, its panels side by side; light or dark as the page that shows it. */
export function svgOf(plot: Plot): string {
  const width = PANEL.width * plot.panels.length;
  const height = PANEL.height + TITLE_HEIGHT;
  const panels = plot.panels.map((panel, i) => group(i * PANEL.width, TITLE_HEIGHT, panelOf(plot, panel)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(plot.title)}</title>`,
    `<style>${STYLE}\n</style>`,
    text(MARGIN.left, 20, plot.title, 'class="title"'),
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

function panelOf({ x: label, scale }: Plot, { unit, series }: Panel): string[] {
  const points = series.flatMap((one) => one.points);
  const xs = points.map(([x]) => x);
  const x = scale === 'log' ? logAxis(Math.min(...xs), Math.max(...xs)) : linearAxis(Math.max(...xs));
  const y = linearAxis(Math.max(...points.map(([, value]) => value)));
  const left = (value: number) => round(MARGIN.left + x.at(value) * SIDE.x);
  const top = (value: number) => round(MARGIN.top + (1 - y.at(value)) * SIDE.y);
  return [
    ...grid(x, y, left, top),
    text(MARGIN.left + SIDE.x / 2, PANEL.height - 8, label, 'text-anchor="middle"'),
    text(MARGIN.left - 8, MARGIN.top - 12, unit, 'text-anchor="end"'),
    ...legend(series.map(({ name }) => name)),
    ...series.flatMap((one, i) => [
      `<polyline class="line s${i}" points="${one.points.map(([a, b]) => `${left(a)},${top(b)}`).join(' ')}"/>`,
      ...one.points.map(([a, b]) => `<circle class="s${i}" cx="${left(a)}" cy="${top(b)}" r="3"/>`),
    ]),
  ];
}

function grid(x: Axis, y: Axis, left: (value: number) => number, top: (value: number) => number): string[] {
  const [bottom, right] = [MARGIN.top + SIDE.y, MARGIN.left + SIDE.x];
  return [
    ...y.ticks.flatMap((tick) => [
      line(MARGIN.left, top(tick), right, top(tick), tick === 0 ? 'axis' : 'grid'),
      text(MARGIN.left - 8, top(tick) + 4, named(tick), 'text-anchor="end"'),
    ]),
    ...x.ticks.flatMap((tick) => [
      line(left(tick), bottom, left(tick), bottom + 4, 'axis'),
      text(left(tick), bottom + 18, named(tick), 'text-anchor="middle"'),
    ]),
  ];
}

function legend(names: readonly string[]): string[] {
  let at = MARGIN.left;
  return names.flatMap((name, i) => {
    const mark = `<circle class="s${i}" cx="${round(at + 4)}" cy="${MARGIN.top - 16}" r="4"/>`;
    const label = text(round(at + 13), MARGIN.top - 12, name);
    at += 13 + name.length * LETTER + LEGEND_GAP;
    return [mark, label];
  });
}

const named = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 3 });
const round = (value: number) => Math.round(value * 10) / 10;
const escape = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x: number, y: number, value: string, attributes = '') =>
  `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${escape(value)}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number, kind: string) =>
  `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
const group = (x: number, y: number, parts: readonly string[]) =>
  `<g transform="translate(${x} ${y})">\n${parts.join('\n')}\n</g>`;
