import type { RequestHandler } from 'express';
import { Counter, Histogram, type Registry } from 'prom-client';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Counts and times requests. A route's label is its pattern (`/videos/:id`), never what a client has sent in its place;
 * event streams, which last for as long as a client listens, are not timed.
 */
export function httpMetrics(registry: Registry): RequestHandler {
  const registers = [registry];
  const requests = new Counter({
    name: 'kinora_http_requests_total',
    help: 'Answered requests by method, route and status; 499 where the client went away first.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'kinora_http_request_seconds',
    help: 'Seconds from a request to the end of its response.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
  });
  return (req, res, next) => {
    const startedAt = performance.now();
    const method = METHODS.includes(req.method) ? req.method : 'other';
    res.once('close', () => {
      const { path: pattern } = (req.route ?? {}) as { path?: unknown };
      const route = typeof pattern === 'string' ? pattern : 'none';
      const stream = String(res.getHeader('content-type')).startsWith('text/event-stream');
      const status = res.writableFinished || stream ? res.statusCode : 499;
      requests.inc({ method, route, status });
      if (!stream && res.writableFinished) seconds.observe({ method, route }, (performance.now() - startedAt) / 1000);
    });
    next();
  };
}
