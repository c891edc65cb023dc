import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // Relative addresses: the page also works below a path of a reverse proxy.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../../dist/api/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npx vite api/web` while the service runs: the page with hot reload, the API behind it.
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
});
