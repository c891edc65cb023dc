import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';
import helmet from 'helmet';

/** Where `npm run build` puts the page. */
const FOLDER = fileURLToPath(new URL('../web', import.meta.url));
const ASSETS = join(FOLDER, 'assets');

/**
 * Everything comes from this server, scripts from files only; `blob:` is what the page fetched with its API key.
 *
 * @param media further origins of videos and pictures
 */
const headers = (media: string[]) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:', ...media],
        mediaSrc: ["'self'", 'blob:', ...media],
        connectSrc: ["'self'", ...media],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // Whether there is TLS, and for how long, is for the proxy in front to say.
    strictTransportSecurity: false,
    // Browsers ignore it without TLS, and say so in the console.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });

/**
 * `/`: the page that `api/web/` is built into. Names of assets hold their content's hash, so they may be kept.
 *
 * @param contentOrigin of finished files, where they do not come from this server
 */
export function pageRoutes(contentOrigin?: string): Router {
  const files = express.static(FOLDER, {
    redirect: false,
    setHeaders: (res, path) => {
      const hashed = path.startsWith(ASSETS);
      res.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return Router().use(headers(contentOrigin === undefined ? [] : [contentOrigin]), files);
}
