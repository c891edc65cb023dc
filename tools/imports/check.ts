import { dirname } from 'node:path';
import type { Import } from './import-graph.ts';
import type { Rule } from './rules.ts';

const isWithin = (path: string, room: string) => path === room || path.startsWith(`${room}/`);

/** Imports that go against the arrows, one line each. */
export function upwardImports(imports: readonly Import[], rules: readonly Rule[]): string[] {
  return imports.flatMap(({ from, to }) => {
    const rule = rules.find(({ room }) => isWithin(from, room));
    if (rule === undefined) return [`${from} lies in no room that tools/imports/rules.ts knows`];
    if ([rule.room, ...rule.mayImport].some((room) => isWithin(to, room))) return [];
    return [`${from} imports ${to}: ${rule.room}/ may import ${rule.mayImport.join(', ') || 'nothing but itself'}`];
  });
}

/** Folders that import one another in a circle, a line for each circle, with one import for each of its arrows. */
export function folderCircles(imports: readonly Import[]): string[] {
  const arrows = new Map<string, Map<string, Import>>();
  for (const { from, to } of imports) {
    const [folder, target] = [dirname(from), dirname(to)];
    if (folder === target) continue;
    const known = arrows.get(folder) ?? new Map<string, Import>();
    arrows.set(folder, known.set(target, { from, to }));
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (folder: string, way: readonly string[]) => {
    const begin = way.indexOf(folder);
    if (begin >= 0) {
      const circle = [...way.slice(begin), folder];
      const example = circle.slice(1).map((to, i) => arrows.get(circle[i]!)!.get(to)!);
      circles.push(`${circle.join(' -> ')} (${example.map(({ from, to }) => `${from} imports ${to}`).join('; ')})`);
      return;
    }
    if (done.has(folder)) return;
    for (const target of arrows.get(folder)?.keys() ?? []) visit(target, [...way, folder]);
    done.add(folder);
  };
  for (const folder of arrows.keys()) visit(folder, []);
  return circles;
}
