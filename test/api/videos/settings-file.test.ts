import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoSettingsObject } from '../../../api/videos/settings-schema.ts';
import { createVideoParser } from '../../../api/spec/create-schema.ts';
import { specOf } from '../../../api/spec/spec.ts';
import { SETTINGS_SCHEMA, SETTINGS_VERSION, videoSettings } from '../../../contract/video-settings.ts';
import { readVideo } from '../../../media/video-reader.ts';
import type { ModelProfile } from '../../../contract/model-profile.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import { KINORA_VERSION } from '../../../platform/process/version.ts';
import { generateClip, jobOf } from '../../../tools/harness/model/clips.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';
import { box, FTYP, longBox, mp4With } from '../../support/mp4.ts';
import { type ActivityBench, openActivityBench } from '../../support/services/activity-bench.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';

const FILE_BYTES = 2_000_000;
const WEIGHTS = 'ab'.repeat(32);

let bench: ActivityBench;
let api: TestApi;
let profile: ModelProfile;
beforeAll(async () => {
  bench = await openActivityBench();
  profile = await loadProfile(MOCHI_TINY);
  api = await startTestApi({ profile, limits: { fileBytes: FILE_BYTES, bodyTimes: { idleMs: 500, wholeMs: 5000 } } });
});
afterAll(async () => {
  await api?.stop();
  await bench?.close();
});

const JOB = jobOf('video_settings', {
  prompt: 'ein roter "Würfel" 🎲\n<script>alert(1)</script>',
  negativePrompt: 'unscharf',
  guidanceStart: 0.1,
  guidanceStop: 0.75,
});

async function finished(line = bench, job = JOB): Promise<Buffer> {
  const generated = await generateClip(line.scratch, job);
  const { video } = await line.run('encode', job, { ...generated, weights: WEIGHTS });
  return await readFile(join(fileURLToPath(line.scratch.url), video.key));
}

/** A file whose settings are these, whatever else it is. */
const mp4Saying = (settings: object) =>
  mp4With(JSON.stringify({ schema: SETTINGS_SCHEMA, version: SETTINGS_VERSION, ...settings }));

const send = (body: Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}/v1/videos/settings`, {
    method: 'POST',
    headers: { 'content-type': 'video/mp4', ...headers },
    body,
  });

function sendForm(...files: [name: string, file: Uint8Array | string][]): Promise<Response> {
  const form = new FormData();
  for (const [name, file] of files) {
    if (typeof file === 'string') form.append(name, file);
    else form.append(name, new Blob([file], { type: 'video/mp4' }), 'a video.mp4');
  }
  return fetch(`${api.url}/v1/videos/settings`, { method: 'POST', body: form });
}

const settingsOf = async (answer: Promise<Response>) => {
  const response = await answer;
  expect(response.status).toBe(200);
  return (await response.json()) as VideoSettingsObject;
};
const errorOf = async (answer: Promise<Response>) => {
  const response = await answer;
  const { error } = (await response.json()) as { error: { code: string; param: string | null; message: string } };
  return { status: response.status, ...error };
};

describe('the settings in a finished video', () => {
  it('are enough to create the same video again, and say where it is from', async () => {
    const settings = await settingsOf(send(await finished()));
    const fields = createVideoParser(4000)(settings.fields);
    expect(specOf(fields, { profile, aliases: [], drawSeed: () => -1 }).spec).toEqual(JOB.spec);
    expect(settings).toMatchObject({
      object: 'video.settings',
      id: JOB.videoId,
      created_at: JOB.createdAt,
      num_frames: JOB.spec.numFrames,
      kinora_version: KINORA_VERSION,
      weights: WEIGHTS,
      warnings: [],
    });
  });

  it('hold what the user wrote, where the prompt is another wording of it, and leave both out where they are to', async () => {
    const job = { ...JOB, videoId: 'video_enhanced', originalPrompt: 'a cube' };
    const { fields } = await settingsOf(send(await finished(bench, job)));
    expect(fields).toMatchObject({ prompt: JOB.spec.prompt, original_prompt: 'a cube' });
    const hidden = videoSettings(job, { kinora: KINORA_VERSION, withPrompt: false });
    expect(Object.keys(hidden).filter((name) => name.includes('prompt'))).toEqual([]);
  });

  it('are read from a form as from the file itself, compressed or not', async () => {
    const file = await finished();
    const settings = await settingsOf(send(file));
    expect(await settingsOf(sendForm(['file', file]))).toEqual(settings);
    expect(await settingsOf(sendForm(['more', 'text'], ['file', file], ['after', 'text']))).toEqual(settings);
    expect(await settingsOf(send(gzipSync(file), { 'content-encoding': 'gzip' }))).toEqual(settings);
  });

  it('are seen by other programs as the comment, as one object of a named schema', async () => {
    await readVideo(await pathOfFinished(), async ({ format }) => {
      const { comment } = format.metadata!.getAll();
      expect(JSON.parse(comment!)).toEqual(
        videoSettings(JOB, { kinora: KINORA_VERSION, weights: WEIGHTS, withPrompt: true }),
      );
      expect(JSON.parse(comment!)).toMatchObject({ schema: 'kinora.video-settings', version: 1 });
    });
  });

  it('do not tell the prompt where the operator has said so', async () => {
    const line = await openActivityBench({ promptInFiles: false });
    try {
      const file = await finished(line);
      expect(file.includes('Würfel')).toBe(false);
      expect(file.includes('unscharf')).toBe(false);
      const { fields } = await settingsOf(send(file));
      expect(fields).toMatchObject({ seed: 7, size: '96x64' });
      expect(fields).not.toHaveProperty('prompt');
    } finally {
      await line.close();
    }
  });

  it('come with what this server would say of them, where it serves another model or smaller sizes', async () => {
    const other = await settingsOf(send(mp4Saying({ model: 'other-model', seed: 1 })));
    expect(other).toMatchObject({ fields: { model: 'other-model', seed: 1 }, id: null });
    expect(other.warnings[0]).toContain('does not serve the model "other-model"');
    const { warnings } = await settingsOf(send(mp4Saying({ size: '8000x8000' })));
    expect(warnings[0]).toContain('8000x8000');
  });
});

const pathOfFinished = async () => {
  await finished();
  return join(fileURLToPath(bench.scratch.url), `videos/${JOB.videoId}/video.mp4`);
};

describe('a file that lies', () => {
  it('gets nothing but fields of a create through, as they would have to be', async () => {
    const settings = await settingsOf(
      send(
        mp4With(
          `{"schema":"kinora.video-settings","version":1,"seed":3,"__proto__":{"admin":true},"constructor":{"prototype":{}},` +
            `"account":"admin","deadline_seconds":1,"extra_body":{"prompt":"x"},"n":5,"image":"file:///etc/passwd"}`,
        ),
      ),
    );
    expect(settings.fields).toEqual({ seed: 3 });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each<[string, object]>([
    ['seed', { seed: -1 }],
    ['seed', { seed: 2 ** 60 }],
    ['seed', { seed: [1] }],
    ['prompt', { prompt: { $ne: null } }],
    ['prompt', { prompt: 'x'.repeat(4001) }],
    ['prompt', { prompt: 'null\0byte' }],
    ['prompt', { prompt: '\u2800' }],
    ['negative_prompt', { negative_prompt: 5 }],
    ['guidance_scale', { guidance_scale: 1e9 }],
    ['guidance_start', { guidance_start: 'NaN' }],
    ['fps', { fps: 0 }],
    ['seconds', { seconds: '1e3' }],
    ['size', { size: '<img src=x onerror=alert(1)>' }],
    ['num_inference_steps', { num_inference_steps: 1.5 }],
    ['num_frames', { num_frames: -7 }],
    ['id', { id: '../../etc/passwd' }],
    ['created_at', { created_at: 'yesterday' }],
    ['weights', { weights: 'javascript:alert(1)' }],
    ['kinora', { kinora: { toString: 1 } }],
  ])('is refused by the name of its %s: %j', async (param, settings) => {
    const error = await errorOf(send(mp4Saying(settings)));
    expect(error).toMatchObject({ status: 400, code: 'invalid_value', param });
    expect(error.message).toContain("In the file's settings: ");
  });

  it.each<[string, string | Uint8Array]>([
    ['what is no JSON', 'Made with Kinora'],
    ['what is no object', '[1]'],
    ['null', 'null'],
    ['another schema', '{"schema":"other","version":1,"seed":1}'],
    ['a later version', '{"schema":"kinora.video-settings","version":2,"seed":1}'],
    ['a name twice', '{"schema":"kinora.video-settings","version":1,"seed":1,"seed":2}'],
    ['brackets without end', '['.repeat(900_000)],
    ['what is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('has no settings in %s', async (_what, comment) => {
    expect(await errorOf(send(mp4With(comment)))).toMatchObject({ status: 400, code: 'settings_not_found' });
  });

  it.each<[string, Uint8Array]>([
    ['text', Buffer.from('{"prompt": "no video"}')],
    ['one that was cut off', mp4Saying({ seed: 1 }).subarray(0, 3000)],
    ['one with a box of 2^62 bytes', Buffer.concat([FTYP, longBox('moov', Buffer.alloc(8), 1n << 62n)])],
    ['one with a box of a negative size', Buffer.concat([FTYP, longBox('mdat', Buffer.alloc(8), (1n << 64n) - 1n)])],
    ['one with a comment that is too large', mp4With(Buffer.alloc(1_500_000, 0x20))],
    ['one with boxes of no size', Buffer.concat([FTYP, box('moov', Buffer.alloc(1000))])],
  ])('is refused as no MP4: %s', async (_what, file) => {
    const expected = { status: 400, code: 'invalid_file', param: 'file' };
    expect(await errorOf(send(file))).toMatchObject(expected);
    expect(await errorOf(sendForm(['file', file]))).toMatchObject(expected);
  });

  it('is refused without settings, and where it is none at all', async () => {
    const none = Buffer.concat([FTYP, box('moov', box('mvhd', Buffer.alloc(100))), box('mdat', Buffer.alloc(99))]);
    expect(await errorOf(send(none))).toMatchObject({ status: 400, code: 'settings_not_found' });
    expect(await errorOf(sendForm(['other', none]))).toMatchObject({
      status: 400,
      code: 'missing_required_parameter',
      param: 'file',
    });
    expect(await errorOf(sendForm(['file', mp4Saying({})], ['file', mp4Saying({})]))).toMatchObject({
      status: 400,
      code: 'invalid_value',
      param: 'file',
    });
    expect(await errorOf(send(Buffer.from('{}'), { 'content-type': 'application/json' }))).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
    expect(await errorOf(send(Buffer.from('x'), { 'content-type': 'multipart/form-data' }))).toMatchObject({
      status: 400,
      code: 'invalid_multipart',
    });
    const cut = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc';
    for (const form of [cut, '--b\r\ncontent-disp', '', 'no form']) {
      const error = await errorOf(send(Buffer.from(form), { 'content-type': 'multipart/form-data; boundary=b' }));
      expect([form, error.status, /invalid_multipart|invalid_file|missing_required/.test(error.code)]).toEqual([
        form,
        400,
        true,
      ]);
    }
  });

  it('is refused as soon as it is larger than is read, however small it comes', async () => {
    const large = Buffer.concat([FTYP, box('mdat', Buffer.alloc(2 * FILE_BYTES))]);
    const expected = { status: 413, code: 'body_too_large' };
    expect(await errorOf(send(large))).toMatchObject(expected);
    expect(await errorOf(sendForm(['file', large]))).toMatchObject(expected);
    const bomb = gzipSync(Buffer.alloc(100 * FILE_BYTES));
    expect(bomb.length).toBeLessThan(FILE_BYTES);
    expect(await errorOf(send(Buffer.from(bomb), { 'content-encoding': 'gzip' }))).toMatchObject({ status: 400 });
    const inflated = gzipSync(Buffer.concat([FTYP, box('mdat', Buffer.alloc(20 * FILE_BYTES))]));
    expect(await errorOf(send(inflated, { 'content-encoding': 'gzip' }))).toMatchObject(expected);
    const broken = gzipSync(large).subarray(0, 200).fill(1, 100);
    expect(await errorOf(send(broken, { 'content-encoding': 'gzip' }))).toMatchObject({
      status: 400,
      param: 'Content-Encoding',
    });
  });

  it('does not hold a connection that sends nothing more', async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${api.url}/v1/videos/settings`, {
        method: 'POST',
        headers: { 'content-type': 'video/mp4', 'content-length': '100000' },
      });
      request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      request.write(mp4Saying({ seed: 1 }).subarray(0, 1000));
    });
    expect(answer).toBe(408);
    // Nor does one that is gone end anything.
    const gone = httpRequest(`${api.url}/v1/videos/settings`, {
      method: 'POST',
      headers: { 'content-type': 'video/mp4', 'content-length': '100000' },
    });
    gone.on('error', () => {}).write(mp4Saying({ seed: 1 }).subarray(0, 1000), () => gone.destroy());
    expect((await settingsOf(send(mp4Saying({ seed: 9 })))).fields).toEqual({ seed: 9 });
  });

  it('leaves nothing behind in the stores', async () => {
    await settingsOf(send(mp4Saying({ seed: 9 })));
    for (const store of [api.scratch, api.artefacts]) {
      for await (const { key } of store.list('')) throw new Error(key);
    }
  });
});
