import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EncryptionCodec } from '../../../temporal/encryption/encryption-codec.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';

const UI = 'https://temporal.example.com';
const PAYLOAD = {
  metadata: { encoding: Buffer.from('json/plain').toString('base64') },
  data: Buffer.from('"a secret"').toString('base64'),
};

let api: TestApi;
beforeAll(async () => {
  const keys = [{ id: 'one', key: randomBytes(32) }];
  api = await startTestApi({
    codec: new EncryptionCodec(
      () => keys,
      (_id, payload) => payload,
    ),
    temporalUiUrl: `${UI}/namespaces/default`,
    accounts: await testRegistry(
      { id: 'root', keys: ['of-root'], admin: true },
      { id: 'user', keys: ['of-user'], limits: { requests_per_minute: 1000 } },
    ),
  });
});
afterAll(() => api?.stop());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${api.url}/codec/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer of-root',
      'x-namespace': 'default',
      ...headers,
    },
    body: JSON.stringify(body),
  });

interface Payloads {
  payloads: (typeof PAYLOAD)[];
}

describe('an operator who looks at Temporal', () => {
  it('has payloads encrypted and decrypted, in their order, and what is not encrypted left as it is', async () => {
    const other = { ...PAYLOAD, data: Buffer.from('"other"').toString('base64') };
    const encoded = (await (await post('encode', { payloads: [PAYLOAD, other] })).json()) as Payloads;
    expect(Buffer.from(encoded.payloads[0]!.data, 'base64').toString('latin1')).not.toContain('secret');
    const decoded = await post('decode', { payloads: [...encoded.payloads, PAYLOAD] });
    expect(decoded.headers.get('cache-control')).toBe('no-store');
    expect(await decoded.json()).toEqual({ payloads: [PAYLOAD, other, PAYLOAD] });
  });

  it('is told what cannot be read, and what is no request of the kind', async () => {
    for (const body of [{}, { payloads: 'x' }, { payloads: [{ data: '%' }] }, { payloads: [{ metadata: [] }] }]) {
      const response = await post('decode', body);
      expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'payloads' } }]);
    }
  });

  it('may do so from the pages of the Web UI, and from no others', async () => {
    const allowed = await fetch(`${api.url}/codec/decode`, {
      method: 'OPTIONS',
      headers: {
        origin: UI,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace,authorization',
      },
    });
    expect(allowed.status).toBe(204);
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type,x-namespace,authorization',
    });
    // The Web UI reads errors as well.
    const refused = await post('decode', { payloads: [] }, { origin: UI, authorization: 'Bearer nobody' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, UI]);
    for (const origin of ['https://elsewhere.example.com', 'null', `${UI}:444`]) {
      const response = await post('decode', { payloads: [] }, { origin });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

it('a browser signs in once, with the key as its password, and then sends it for the pages of the Web UI', async () => {
  const signIn = (authorization?: string) =>
    fetch(`${api.url}/codec/`, { ...(authorization && { headers: { authorization } }) });
  const basic = (key: string) => `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}`;
  for (const authorization of [undefined, basic('wrong'), basic('of-user'), basic(''), 'Basic !', 'Bearer of-root']) {
    const refused = await signIn(authorization);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Kinora"']);
  }
  expect((await signIn(basic('of-root'))).status).toBe(200);
  const ofPage = { origin: UI, authorization: basic('of-root') };
  const response = await post('encode', { payloads: [PAYLOAD] }, ofPage);
  expect([response.status, response.headers.get('access-control-allow-credentials')]).toEqual([200, 'true']);
  expect((await post('decode', { payloads: [] }, { ...ofPage, authorization: basic('of-user') })).status).toBe(403);
});

it('nobody but an operator decrypts anything, and nothing is there where nothing is encrypted', async () => {
  expect((await post('decode', { payloads: [] }, { authorization: 'Bearer of-user' })).status).toBe(403);
  expect((await post('decode', { payloads: [] }, { authorization: '' })).status).toBe(401);
  const off = await startTestApi();
  const response = await fetch(`${off.url}/codec/decode`, { method: 'POST' });
  expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'unsupported_endpoint' } }]);
  await off.stop();
});
