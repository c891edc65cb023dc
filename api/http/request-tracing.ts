import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';

const LOOKS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Makes a span of a request, in the trace of the client where it has one. Looks, ten a second for one job, are traced only
 * for such a client. Without tracing it does nothing.
 */
export const requestTracing: RequestHandler = (req, res, next) => {
  const from = propagation.extract(context.active(), req.headers);
  if (LOOKS.has(req.method) && trace.getSpanContext(from) === undefined) {
    next();
    return;
  }
  const span = trace.getTracer('kinora').startSpan(
    req.method,
    {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': req.method,
        'kinora.request_id': String(res.getHeader('x-request-id')),
      },
    },
    from,
  );
  res.once('close', () => {
    const { path: pattern } = (req.route ?? {}) as { path?: unknown };
    if (typeof pattern === 'string') {
      span.updateName(`${req.method} ${pattern}`);
      span.setAttribute('http.route', pattern);
    }
    span.setAttribute('http.response.status_code', res.statusCode);
    if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(from, span), next);
};
