import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { accountSchema } from '../accounts/schema.ts';
import { healthSchema, readySchema } from '../health/schema.ts';
import { workerListSchema } from '../workers/schema.ts';
import { modelListSchema, modelSchema } from '../models/schema.ts';
import { payloadsSchema } from '../codec/schema.ts';
import { answer, BODY_ERRORS, empty, errors, json, readErrors, writeErrors } from '../http/openapi/answers.ts';
import { body } from '../http/openapi/requests.ts';

const codec = (operationId: string, summary: string) => ({
  post: {
    operationId,
    summary,
    description: "For admins: Temporal's remote codec, for its Web UI and CLI. Only where payloads are encrypted.",
    tags: ['Service'],
    requestBody: { ...body(payloadsSchema), required: true },
    responses: {
      200: json('The payloads, in the same order', payloadsSchema),
      ...writeErrors(...BODY_ERRORS, 'permission_denied', 'unsupported_endpoint'),
    },
  },
});

/** What surrounds the videos: models, the account, probes, this description. */
export const servicePaths: ZodOpenApiPathsObject = {
  '/v1/models': {
    get: {
      operationId: 'listModels',
      summary: 'The model that is served',
      tags: ['Models'],
      responses: { 200: json('A list of one', modelListSchema), ...readErrors() },
    },
  },
  '/v1/models/{id}': {
    get: {
      operationId: 'retrieveModel',
      summary: 'What a model can be asked for',
      tags: ['Models'],
      requestParams: { path: z.object({ id: z.string().meta({ description: 'Id of the model, or an alias.' }) }) },
      responses: { 200: json('The model', modelSchema), ...readErrors('model_not_found', 'unknown_url') },
    },
  },
  '/v1/account': {
    get: {
      operationId: 'retrieveAccount',
      summary: 'Who asks, and what they may have',
      tags: ['Account'],
      responses: { 200: json('The account', accountSchema), ...readErrors('service_unavailable') },
    },
  },
  '/v1/workers': {
    get: {
      operationId: 'listWorkers',
      summary: 'Who works, and how it goes',
      description: 'For admins. What a worker without a health port does not say is null.',
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
      summary: "Have a browser ask for an admin's key, as the password",
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
      summary: 'The process lives, and how busy the service is',
      tags: ['Service'],
      security: [],
      responses: { 200: json('It does', healthSchema), ...errors('invalid_value') },
    },
  },
  '/readyz': {
    get: {
      operationId: 'readiness',
      summary: 'The process can take requests',
      description: 'It has had all that it needs once. What is away later is named.',
      tags: ['Service'],
      security: [],
      responses: { 200: json('It can', readySchema), ...errors('invalid_value', 'service_unavailable') },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Figures for Prometheus',
      tags: ['Service'],
      security: [],
      responses: { 200: answer("Prometheus's text format", 'text/plain', z.string()), ...errors('invalid_value') },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'describe',
      summary: 'This description',
      tags: ['Service'],
      security: [],
      responses: {
        200: json('OpenAPI 3.1', z.looseObject({ openapi: z.literal('3.1.1') })),
        304: empty("The client's copy is still right"),
        ...errors('invalid_value'),
      },
    },
  },
};
