import { readdir, readFile } from 'node:fs/promises';
import { parseYaml } from '../yaml.ts';

const FOLDER = new URL('../../../../k8s/components/monitoring/', import.meta.url);

/** A rule as Prometheus reads it. */
export interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** A query, and where it stands. */
export interface Query {
  where: string;
  expr: string;
  /** What the lines of a diagram are called: `{{label}}`. */
  legend: string;
}

/** The rules as Prometheus alone reads them: what the operator's manifest has below `spec`. */
export async function ruleFile(): Promise<string> {
  const manifest = await readFile(new URL('rules.yaml', FOLDER), 'utf8');
  return manifest.slice(manifest.indexOf('\nspec:\n') + '\nspec:\n'.length).replace(/^ {2}/gm, '');
}

/** In the order in which they are written: figures before the alerts that use them. */
export async function ruleGroups(): Promise<{ name: string; rules: Rule[] }[]> {
  return parseYaml<{ groups: { name: string; rules: Rule[] }[] }>(await ruleFile()).groups;
}

export const rules = async (): Promise<Rule[]> => (await ruleGroups()).flatMap((group) => group.rules);

export async function alerts(): Promise<(Rule & { alert: string })[]> {
  return (await rules()).flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
}

/** All queries of the rules and of the dashboards. */
export async function queries(): Promise<Query[]> {
  const found = (await rules()).map(({ alert, record, expr, annotations = {} }): Query => ({
    where: alert ?? record!,
    expr,
    legend: Object.values(annotations).join(' ').replaceAll('$labels.', ''),
  }));
  for (const file of await readdir(new URL('dashboards/', FOLDER))) {
    const board = JSON.parse(await readFile(new URL(`dashboards/${file}`, FOLDER), 'utf8')) as Dashboard;
    for (const { title, targets = [] } of board.panels) {
      for (const { expr, legendFormat = '' } of targets) {
        found.push({ where: `${file}: ${title}`, expr, legend: legendFormat });
      }
    }
    for (const { name, query } of board.templating.list) {
      const [, metric, label] = /label_values\((\w+), (\w+)\)/.exec(JSON.stringify(query)) ?? [];
      if (metric !== undefined) found.push({ where: `${file}: $${name}`, expr: metric, legend: `{{${label}}}` });
    }
  }
  return found;
}

interface Dashboard {
  panels: { title: string; targets?: { expr: string; legendFormat?: string }[] }[];
  templating: { list: { name: string; query: unknown }[] };
}

/** What a query asks for: metrics, each with the labels that narrow it; and labels that its answer is shown by. */
export function asked({ expr, legend }: Query): { metrics: { name: string; labels: string[] }[]; shown: string[] } {
  const bare = expr.replace(/"[^"]*"/g, '""').replace(/\[[^\]]*\]/g, '');
  const grouping = /\b(?:by|on|group_left)\s*\(([^)]*)\)/g;
  const shown = [...bare.matchAll(grouping)].flatMap(([, labels]) => labels!.split(',')).map((label) => label.trim());
  shown.push(...[...legend.matchAll(/{{\s*(\w+)\s*}}/g)].map(([, label]) => label!));
  const metrics = [...bare.replace(grouping, ' ').matchAll(/([a-z_:][\w:]*)\s*(\(|\{[^}]*\})?/gi)];
  return {
    metrics: metrics.flatMap(([, name, rest = '']) =>
      rest === '(' || WORDS.includes(name!)
        ? []
        : [{ name: name!, labels: [...rest.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label!) }],
    ),
    shown: shown.filter(Boolean),
  };
}

const WORDS = ['and', 'or', 'unless', 'offset', 'sum', 'avg', 'max', 'min', 'count', 'd', 'h', 'm'];
