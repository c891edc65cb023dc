import { gzipSync } from 'node:zlib';
import { Random } from '../../harness/random.ts';
import { each, type Attack, scaled, Tally, type Target } from './target.ts';
import { sendRaw } from './raw-request.ts';

const BODIES = 5_000;
const AT_ONCE = 16;
const PATIENCE_MS = 60_000;
const BOUNDARY = '----kinora7d1a';
const FIELDS = {
  prompt: 'a red circle moving left',
  negative_prompt: 'a square',
  size: '64x64',
  num_frames: 7,
  num_inference_steps: 4,
  seed: 7,
};

/** Forms and JSON, whole at first and then spoilt: cut off, bits turned, parts doubled, lengths and codings that lie. */
export const mutatedBodies: Attack = async (target) => {
  const tally = new Tally();
  await each(scaled(target, BODIES), AT_ONCE, async (n) => {
    const { bytes, name } = mutated(target, new Random(target.seed * 1_000_003 + n));
    const { status, retryAfter } = await sendRaw(target, bytes, PATIENCE_MS);
    tally.add(`body ${n} (${name})`, status, retryAfter);
  });
  return tally;
};

interface Request {
  type: string;
  body: Buffer;
  headers: string[];
  /** What the head says of the length; null for the truth. */
  length: number | null;
}

const MUTATIONS: Record<string, (request: Request, random: Random) => void> = {
  'cut off': (request, random) => (request.body = request.body.subarray(0, random.between(0, request.body.length - 1))),
  'cut off, length of the whole': (request, random) => {
    request.length = request.body.length;
    request.body = request.body.subarray(0, random.between(0, request.body.length - 1));
  },
  'bytes changed': (request, random) => {
    request.body = Buffer.from(request.body);
    for (let i = random.between(1, 12); i > 0; i--) {
      request.body[random.between(0, request.body.length - 1)] = random.between(0, 255);
    }
  },
  'a piece twice': (request, random) => {
    const [from, to] = [random.between(0, request.body.length), random.between(0, request.body.length)].toSorted(
      (a, b) => a - b,
    ) as [number, number];
    request.body = Buffer.concat([request.body.subarray(0, to), request.body.subarray(from)]);
  },
  'a piece gone': (request, random) => {
    const from = random.between(0, request.body.length - 1);
    const to = Math.min(request.body.length, from + random.between(1, 40));
    request.body = Buffer.concat([request.body.subarray(0, from), request.body.subarray(to)]);
  },
  'more after its end': (request, random) => {
    request.body = Buffer.concat([request.body, request.body.subarray(random.between(0, request.body.length - 1))]);
  },
  'another boundary': (request) => (request.type = request.type.replace(BOUNDARY, `${BOUNDARY}x`)),
  'no boundary': (request) => (request.type = request.type.replace(/; boundary=.*/, '')),
  'another type': (request, random) => {
    request.type = random.pick(['text/plain', 'multipart/mixed', 'application/json; charset=utf-7', '', 'x', '*/*']);
  },
  'a coding that lies': (request, random) => {
    request.headers.push(`content-encoding: ${random.pick(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'x'])}`);
  },
  'a coding that breaks off': (request, random) => {
    request.headers.push('content-encoding: gzip');
    const whole = gzipSync(request.body);
    request.body = whole.subarray(0, random.between(1, whole.length - 1));
  },
  'control characters': (request, random) => {
    const at = random.between(0, request.body.length);
    const extra = Buffer.from(random.pick(['\0', '\r', '\r\n\r\n', '\x1b[2J', '\ufeff', '\u202e', '{', '"', '--']));
    request.body = Buffer.concat([request.body.subarray(0, at), extra, request.body.subarray(at)]);
  },
  'deep nesting': (request, random) => {
    const depth = random.between(100, 20_000);
    request.type = 'application/json';
    request.body = Buffer.from(`{"prompt":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  },
  'other values': (request, random) => {
    const value = random.pick(['null', '[]', '{}', '-1', '1e999', '""', 'true', '"\\ud800"', '"__proto__"', '9e15']);
    const name = random.pick([...Object.keys(FIELDS), '__proto__', 'constructor', 'model', 'deadline']);
    request.type = 'application/json';
    request.body = Buffer.from(`{"${name}":${value},"prompt":${random.pick(['"x"', value])}}`);
  },
};

function mutated(target: Target, random: Random): { bytes: Buffer; name: string } {
  const request: Request = random.next() < 0.7 ? form(random) : json();
  const names = Array.from({ length: random.between(1, 2) }, () => random.pick(Object.keys(MUTATIONS)));
  for (const name of names) if (request.body.length > 0) MUTATIONS[name]!(request, random);
  const head = [
    `POST ${random.next() < 0.9 ? '/v1/videos' : '/v1/videos/retry'} HTTP/1.1`,
    `host: ${target.host}:${target.port}`,
    `authorization: Bearer ${target.key}`,
    `content-type: ${request.type}`,
    `content-length: ${request.length ?? request.body.length}`,
    ...request.headers,
  ];
  return { bytes: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), request.body]), name: names.join(', ') };
}

const json = (): Request => ({
  type: 'application/json',
  body: Buffer.from(JSON.stringify(FIELDS)),
  headers: [],
  length: null,
});

function form(random: Random): Request {
  const part = (disposition: string, value: string) =>
    `--${BOUNDARY}\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
  const parts = Object.entries(FIELDS).map(([name, value]) => part(`name="${name}"`, String(value)));
  const file = part('name="input_reference"; filename="a.png"\r\ncontent-type: image/png', 'PNG'.repeat(50));
  const all = random.next() < 0.5 ? [...parts, file] : [file, ...parts];
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  return { type, body: Buffer.from(`${all.join('')}--${BOUNDARY}--\r\n`), headers: [], length: null };
}
