import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import type { WorkerStatus } from '../../contract/worker-status.ts';

export interface HealthServer {
  /** The port that it listens on. */
  port: number;
  close(): Promise<void>;
}

/**
 * A worker's probes over HTTP: `/healthz` answers 200 while the event loop turns, `/readyz` 200, or 503 while something is
 * missing, `/metrics` in Prometheus's text format, `/status` what the worker is and does, as JSON.
 *
 * @param ready `missing` is null when work can be taken, else a few words; `warnings` is what is amiss all the same.
 */
export async function startHealthServer(
  { host, port }: { host: string; port: number },
  ready: { missing: () => string | null; warnings: () => string[] },
  metrics: () => Promise<string>,
  status: () => WorkerStatus,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/metrics') {
      void metrics().then(
        (text) => response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
        () => response.writeHead(500).end(),
      );
      return;
    }
    const missing = path === '/readyz' ? ready.missing() : null;
    const warnings = path === '/readyz' ? ready.warnings() : [];
    const known = path === '/healthz' || path === '/readyz' || path === '/status';
    response.writeHead(known ? (missing === null ? 200 : 503) : 404, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    response.end(
      JSON.stringify(
        path === '/status'
          ? status()
          : { status: known ? (missing ?? 'ok') : 'not found', ...(warnings.length > 0 && { warnings }) },
      ),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // A connection that could not be accepted, for want of file descriptors say, must not end the worker.
  server.on('error', () => {});
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
