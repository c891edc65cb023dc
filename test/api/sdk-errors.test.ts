import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { keys } from '../../storage/keys.ts';
import { testRegistry } from '../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../support/services/api.ts';
import { refusal } from '../support/client/refusal.ts';
import { StandInService } from '../support/services/stand-in-service.ts';

let service: StandInService;
let openai: OpenAI;
/** An API that Temporal does not answer. */
let away: TestApi;
/** An API that has a fault. */
let broken: TestApi;

beforeAll(async () => {
  const accounts = await testRegistry(
    { id: 'alice', keys: ['of-alice'] },
    { id: 'bob', keys: ['of-bob'], limits: { queued: 0, running: 0 } },
  );
  service = await StandInService.start({ accounts, apiKey: 'of-alice' });
  ({ openai } = service);
  away = await startTestApi();
  broken = await startTestApi({ videos: { get: () => Promise.reject(new Error('a fault')) } as never });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
});
afterAll(async () => {
  await service?.stop();
  await away?.stop();
  await broken?.stop();
});

it("every error becomes the SDK's class for it, with a code, a type and the request's id", async () => {
  const client = (apiKey: string, { url } = service.api) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  const { id } = await service.create();
  await service.finished(id);
  const gone = await service.create();
  await service.finished(gone.id);
  await service.api.artefacts.deletePrefix(keys.prefix(gone.id));
  const key = randomUUID();
  const headers = { 'Idempotency-Key': key };
  await openai.videos.create({ prompt: 'one' }, { headers });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const calls: [number, string, new (...args: never[]) => Error, () => Promise<unknown>][] = [
    [400, 'invalid_value', BadRequestError, () => openai.videos.create({ prompt: 'a cat', size: '7x7' as never })],
    [400, 'missing_required_parameter', BadRequestError, () => openai.videos.create({ prompt: '' })],
    [401, 'invalid_api_key', AuthenticationError, () => client('none').videos.retrieve(id)],
    [403, 'permission_denied', PermissionDeniedError, () => openai.post('/videos/retry')],
    [404, 'video_not_found', NotFoundError, () => openai.videos.retrieve('video_none')],
    [404, 'model_not_found', NotFoundError, () => openai.videos.create({ prompt: 'a cat', model: 'sora-2' })],
    [404, 'unknown_url', NotFoundError, () => openai.get('/nothing')],
    [405, 'method_not_allowed', APIError, () => openai.put('/videos')],
    [409, 'idempotency_conflict', ConflictError, () => openai.videos.create({ prompt: 'two' }, { headers })],
    [410, 'video_expired', APIError, () => openai.videos.downloadContent(gone.id)],
    [413, 'body_too_large', APIError, () => openai.videos.create({ prompt: 'x'.repeat(200_000) })],
    [415, 'unsupported_media_type', APIError, () => openai.post('/videos', { body: 'prompt=cat', headers: form })],
    [
      416,
      'range_not_satisfiable',
      APIError,
      () => openai.get(`/videos/${id}/content`, { headers: { range: 'bytes=9999-' } }),
    ],
    [429, 'rate_limit_exceeded', RateLimitError, () => client('of-bob').videos.create({ prompt: 'a cat' })],
    [500, 'internal_error', InternalServerError, () => client('any', broken).videos.retrieve(id)],
    [503, 'service_unavailable', InternalServerError, () => client('any', away).videos.retrieve(id)],
  ];
  for (const [status, code, type, call] of calls) {
    const error = await refusal(call());
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, code, type: expect.stringMatching(/_error$/) });
    expect(error.requestID).toMatch(/^req_/);
  }
});
