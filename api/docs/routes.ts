import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import { builtFiles } from '../http/built-files.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import { pageHeaders } from '../http/page-headers.ts';
import { openApiDocument } from './document.ts';

/** Where `npm run build` puts the files of Swagger UI. */
const FOLDER = fileURLToPath(new URL('../web/docs', import.meta.url));

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

/** A file of its own: the content security policy refuses inline scripts. */
const START = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  // The validator would learn this server's address.
  validatorUrl: null,
});
`;

/** `/openapi.json`: the API's description. `/docs`: the description as a page, to try the API. */
export function docsRoutes({
  limits,
  accounts,
}: {
  limits: { promptChars: number };
  accounts: Pick<AccountRegistry, 'open'>;
}): Router {
  const router = Router();
  // Serialised once: it is long, and needs no key.
  const document = Buffer.from(
    JSON.stringify(openApiDocument({ maxPromptChars: limits.promptChars, open: accounts.open })),
  );
  // Weak, as it is the same for every content coding.
  const etag = `W/"${createHash('sha256').update(document).digest('base64url').slice(0, 27)}"`;
  router
    .route('/openapi.json')
    .get((_req, res) => {
      res.set({ 'cache-control': 'no-cache', 'content-type': 'application/json; charset=utf-8', etag });
      res.vary('accept-encoding').send(document);
    })
    .all(methodNotAllowed('GET'));

  const files = builtFiles(FOLDER, { index: false, setHeaders: (res) => res.setHeader('cache-control', 'no-cache') });
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
  router.use('/docs', files);
  return router;
}
