import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../api/docs/document.ts';
import { videoSchema } from '../../api/jobs/video-schema.ts';
import { createVideoBody } from '../../api/spec/create-schema.ts';
import { alerts } from '../../tools/harness/servers/monitoring.ts';
import { RULES } from '../../tools/imports/rules.ts';
import { anchorsOf, documents, prose, ROOT } from '../support/documents.ts';

const pages = await documents();
const page = (path: string) => pages.find((one) => one.path === path)!.text;

/** Why a link does not lead anywhere; undefined where it does. */
function fault(from: string, link: string): string | undefined {
  const [path, anchor] = link.split('#');
  const target = path === '' ? from : normalize(join(dirname(from), path!));
  if (!existsSync(join(ROOT, target))) return `${from} links to ${link}, which is not there`;
  if (anchor === undefined) return undefined;
  const known = pages.find((one) => one.path === target);
  return known && anchorsOf(known.text).includes(anchor) ? undefined : `${from} links to ${link}: no such heading`;
}

describe('a reader of the documents', () => {
  it('finds what every link and picture points to', () => {
    const faults = pages.flatMap(({ path, text }) => {
      const links = [...prose(text).matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g)].map(
        (one) => one[1] ?? one[2]!,
      );
      return links.filter((link) => !/^[a-z]+:/.test(link)).flatMap((link) => fault(path, link) ?? []);
    });
    expect(faults).toEqual([]);
  });

  it('is told when a link leads nowhere', () => {
    expect(fault('README.md', 'docs/nothing.md')).toMatch(/which is not there/);
    expect(fault('README.md', 'docs/api.md#nothing')).toMatch(/no such heading/);
    expect(fault('docs/api.md', '../README.md#two-commands')).toBeUndefined();
  });

  it('comes from the README to every page of docs/', () => {
    const reached = new Set(['README.md']);
    for (const from of reached) {
      for (const [, link] of prose(page(from)).matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g)) {
        if (!/^[a-z]+:/.test(link!)) reached.add(normalize(join(dirname(from), link!)));
      }
    }
    const all = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
    expect(all.filter((path) => !reached.has(path))).toEqual([]);
  });

  it('has read the README and CONTRIBUTING in minutes, and their tables without scrolling', () => {
    expect(page('README.md').split('\n').length).toBeLessThanOrEqual(221);
    expect(page('CONTRIBUTING.md').split('\n').length).toBeLessThanOrEqual(121);
    for (const path of ['README.md', 'CONTRIBUTING.md']) {
      const cells = page(path)
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .flatMap((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
      expect(cells.filter((cell) => cell.length > 120)).toEqual([]);
    }
  });

  it('finds in CONTRIBUTING every room of the house, and somewhere every script of package.json', async () => {
    const drawn = page('CONTRIBUTING.md');
    const rooms = RULES.map(({ room }) => room.split('/').slice(0, 2).pop()!);
    expect(rooms.filter((room) => !drawn.includes(`${room}/`))).toEqual([]);
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const everywhere = pages.map(({ text }) => text).join('\n');
    const named = (script: string) => new RegExp(`npm (run )?${script}\\b`).test(everywhere);
    expect(Object.keys(scripts).filter((script) => script !== 'setup' && !named(script))).toEqual([]);
  });

  it('finds in the README the figures that were recorded', async () => {
    const results = JSON.parse(await readFile(join(ROOT, 'docs/performance.json'), 'utf8')) as {
      figures: { what: string; ratio?: { median: number } }[];
    }[];
    const ratio = (what: string) => {
      const figure = results.flatMap(({ figures }) => figures).find((one) => one.what === what);
      return figure!.ratio!.median.toPrecision(3);
    };
    for (const what of ['transformer, forward pass', 'video, process start to MP4', 'load and a first, small pass']) {
      expect(page('README.md')).toContain(`${ratio(what)} of diffusers' time`);
    }
  });

  it('finds in docs/api.md every endpoint, every field of a request, and every field of the answer that OpenAI does not have', () => {
    const { paths } = openApiDocument({ maxPromptChars: 4000, open: true });
    const endpoints = Object.entries(paths!).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const fields = Object.keys(createVideoBody(4000).shape);
    const openAis = 'id object status progress prompt model size seconds created_at completed_at expires_at error';
    const known = new Set([...openAis.split(' '), 'remixed_from_video_id']);
    const more = Object.keys(videoSchema.shape).filter((field) => !known.has(field));
    const missing = [...endpoints, ...fields, ...more].filter((name) => !page('docs/api.md').includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });

  it('finds the page that code, settings and alerts name', async () => {
    const named = (await alerts()).map(({ annotations }) => annotations!['runbook_url']!);
    const demo = await readFile(join(ROOT, 'local/demo.ts'), 'utf8');
    for (const [link] of demo.matchAll(/docs\/[\w-]+\.md/g)) named.push(link);
    expect(named.flatMap((link) => fault('README.md', link) ?? [])).toEqual([]);
  });
});
