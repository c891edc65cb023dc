import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { accountSchema } from '../accounts/schema.ts';
import { healthSchema, readySchema } from '../health/schema.ts';
import { workerListSchema } from '../workers/status.ts';
import { modelListSchema, modelSchema } from '../models/schema.ts';
import { payloadsSchema } from '../codec/schema.ts';
import { answer, BODY_ERRORS, empty, errors, json, readErrors, writeErrors } from '../http/openapi/answers.ts';
import { body } from '../http/openapi/requests.ts';

const codec = (operationId: string, summary: string) => ({
  post: {
    operationId,
    summary,
    description: "For admins. Temporal's remote codec, for its Web UI and CLI; available if payloads are encrypted.",
    tags: ['Service'],
    requestBody: { ...body(payloadsSchema), required: true },
    responses: {
      200: json('The payloads, in the same order', payloadsSchema),
      ...writeErrors(...BODY_ERRORS, 'permission_denied', 'unsupported_endpoint'),
    },
  },
});

/** Everything but videos: models, the account, workers, probes, this description. */
export const servicePaths: ZodOpenApiPathsObject = {
  '/v1/models': {
    get: {
      operationId: 'listModels',
      summary: 'List models',
      tags: ['Models'],
      responses: { 200: json('The served model, as a list of one', modelListSchema), ...readErrors() },
    },
  },
  '/v1/models/{id}': {
    get: {
      operationId: 'retrieveModel',
      summary: 'Get a model',
      tags: ['Models'],
      requestParams: { path: z.object({ id: z.string().meta({ description: 'Id or alias of the model.' }) }) },
      responses: { 200: json('The model', modelSchema), ...readErrors('model_not_found', 'unknown_url') },
    },
  },
  '/v1/account': {
    get: {
      operationId: 'retrieveAccount',
      summary: 'Get the account',
      tags: ['Account'],
      responses: {
        200: json("The caller's account, limits and usage", accountSchema),
        ...readErrors('service_unavailable'),
      },
    },
  },
  '/v1/workers': {
    get: {
      operationId: 'listWorkers',
      summary: 'List workers',
      description: 'For admins. Values that a worker does not report are null.',
      tags: ['Service'],
      responses: {
        200: json('The workers', workerListSchema),
        ...readErrors('permission_denied', 'service_unavailable'),
      },
    },
  },
  '/codec/': {
    get: {
      operationId: 'signInForCodec',
      summary: "Sign in a browser, with an admin's key as the password",
      tags: ['Service'],
      security: [],
      responses: {
        200: answer('Signed in', 'text/plain', z.string()),
        ...errors(
          'invalid_value',
          'invalid_api_key',
          'unsupported_endpoint',
          'permission_denied',
          'rate_limit_exceeded',
        ),
      },
    },
  },
  '/codec/decode': codec('decodePayloads', 'Decrypt payloads'),
  '/codec/encode': codec('encodePayloads', 'Encrypt payloads'),
  '/healthz': {
    get: {
      operationId: 'health',
      summary: 'Get the health of the service',
      tags: ['Service'],
      security: [],
      responses: { 200: json('The process is alive', healthSchema), ...errors('invalid_value') },
    },
  },
  '/readyz': {
    get: {
      operationId: 'readiness',
      summary: 'Get the readiness of the process',
      description: 'Ready once all dependencies have been reached. Later outages are listed in `missing`.',
      tags: ['Service'],
      security: [],
      responses: { 200: json('The process is ready', readySchema), ...errors('invalid_value', 'service_unavailable') },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Get the metrics',
      tags: ['Service'],
      security: [],
      responses: {
        200: answer('Metrics in the text format of Prometheus', 'text/plain', z.string()),
        ...errors('invalid_value'),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'describe',
      summary: 'Get this description',
      tags: ['Service'],
      security: [],
      responses: {
        200: json('OpenAPI 3.1', z.looseObject({ openapi: z.literal('3.1.1') })),
        304: empty("The client's copy is up to date"),
        ...errors('invalid_value'),
      },
    },
  },
};
