import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../support/services/api.ts';

const FOLDER = new URL('../../../api/web/', import.meta.url);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

const get = (path: string) => fetch(new URL(path, api.url));

describe('the files of the page', () => {
  it('hold less than 150 KB of JavaScript, gzipped', async () => {
    const names = (await readdir(new URL('assets/', FOLDER))).filter((name) => name.endsWith('.js'));
    const sizes = await Promise.all(
      names.map(async (name) => gzipSync(await readFile(new URL(`assets/${name}`, FOLDER))).length),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    process.stdout.write(`JavaScript of the page: ${(total / 1000).toFixed(1)} KB gzipped\n`);
    expect(total).toBeLessThan(150_000);
  });

  it('come with a policy that lets nothing in from elsewhere and runs no inline script', async () => {
    const response = await get('/');
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toMatch(/default-src 'self';/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=|https?:\/\//);
  });

  it('are cached for long if their names contain a hash of their content, and revalidated otherwise', async () => {
    const page = await get('/');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const [, asset] = /src="\.\/(assets\/[^"]+)"/.exec(await page.text())!;
    const script = await get(asset!);
    expect(script.headers.get('content-type')).toMatch('text/javascript');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await get('/assets/gone.js')).status).toBe(404);
  });
});
