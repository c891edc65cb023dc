import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { Router } from 'express';
import type { AppDeps } from '../app-deps.ts';
import { methodNotAllowed } from '../http/method-not-allowed.ts';
import { pageHeaders } from '../http/page-headers.ts';
import { openApiDocument } from '../openapi/document.ts';

const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Its files that the page needs. */
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Kinora API</title>
    <link rel="icon" href="docs/favicon-32x32.png" />
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <main id="docs"></main>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

/** A file of its own, as the content security policy refuses scripts within the page. */
const START = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  // It would send this server's address to a third party.
  validatorUrl: null,
});
`;

/** `/openapi.json`: the API described. `/docs`: the description as a page to try it on. */
export function docsRoutes({ limits, accounts }: AppDeps): Router {
  const router = Router();
  // Serialised once: it is long, and anybody may ask for it.
  const document = Buffer.from(
    JSON.stringify(openApiDocument({ maxPromptChars: limits.promptChars, open: accounts.open })),
  );
  router
    .route('/openapi.json')
    .get((_req, res) => {
      res.set({ 'cache-control': 'no-cache', 'content-type': 'application/json; charset=utf-8' }).send(document);
    })
    .all(methodNotAllowed('GET'));

  const files = express.static(SWAGGER_UI, { index: false, redirect: false });
  // Swagger UI draws its arrows from data URIs in its style sheet.
  router.use('/docs', pageHeaders({ media: ['data:'] }));
  router
    .route('/docs')
    .get((_req, res) => {
      res.set('cache-control', 'no-cache').type('html').send(PAGE);
    })
    .all(methodNotAllowed('GET'));
  router.get('/docs/start.js', (_req, res) => {
    res.set('cache-control', 'no-cache').type('js').send(START);
  });
  router.use('/docs', (req, res, next) => {
    if (FILES.includes(req.path.slice(1))) files(req, res, next);
    else next();
  });
  return router;
}
