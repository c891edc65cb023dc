import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import { builtFiles } from '../http/built-files.ts';
import { pageHeaders } from '../http/page-headers.ts';

/** Where `npm run build` puts the page. */
const FOLDER = fileURLToPath(new URL('../web', import.meta.url));
const ASSETS = join(FOLDER, 'assets');

/**
 * `/`: the page, built from `api/web/`. Names of assets contain a hash of their content, so they are cached for good.
 *
 * @param contentOrigin origin of finished files, if it is not this server
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
  // The page shows files that it fetched with an API key as `blob:`.
  return Router().use(pageHeaders({ media: ['blob:', ...elsewhere] }), files);
}
