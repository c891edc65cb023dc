import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { compression } from 'vite-plugin-compression2';
import { designPage } from './design/sample-service.ts';

const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Swagger UI's own files, for `/docs`. */
const swaggerUi: Plugin = {
  name: 'swagger-ui',
  generateBundle() {
    for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
      this.emitFile({ type: 'asset', fileName: `docs/${name}`, source: readFileSync(join(SWAGGER_UI, name)) });
    }
  },
};

export default defineConfig({
  // Relative, so that the page also works below a path of a reverse proxy.
  base: './',
  // Writes `.br` and `.gz` beside every file that they make smaller.
  plugins: [react(), swaggerUi, designPage, compression({ threshold: 1_000, logLevel: 'silent' })],
  build: {
    outDir: '../../dist/api/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npx vite api/web` while the service runs: the page with hot reload, the API behind it; its parts at `/design`.
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
});
