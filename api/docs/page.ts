import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import { builtFiles } from '../http/built-files.ts';
import { pageHeaders } from '../http/page-headers.ts';

/** Where `npm run build` puts the page. */
const FOLDER = fileURLToPath(new URL('../web', import.meta.url));
const ASSETS = join(FOLDER, 'assets');

/**
 * `/`: the page that `api/web/` is built into. Names of assets hold their content's hash, so they may be kept.
 *
 * @param contentOrigin of finished files, where they do not come from this server
 */
export function pageRoutes(contentOrigin?: string): Router {
  const files = builtFiles(FOLDER, {
    index: 'index.html',
    setHeaders: (res, path) => {
      const hashed = path.startsWith(ASSETS);
      res.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const elsewhere = contentOrigin === undefined ? [] : [contentOrigin];
  // `blob:` is what the page fetched with its API key.
  return Router().use(pageHeaders({ media: ['blob:', ...elsewhere] }), files);
}
