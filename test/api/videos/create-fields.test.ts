import { describe, expect, it } from 'vitest';
import type { ApiError } from '../../../api/errors/errors.ts';
import { specOf } from '../../../api/spec/spec.ts';
import { createVideoParser } from '../../../api/spec/create-schema.ts';
import { MOCHI_1_PROFILE as MOCHI } from '../../../contract/model-profile.ts';

const parse = createVideoParser(4000);
const accepted = (body: Record<string, unknown>) => parse({ prompt: 'a cat', ...body });
const refused = (body: Record<string, unknown>): ApiError => {
  try {
    accepted(body);
  } catch (error) {
    return error as ApiError;
  }
  throw new Error(`${JSON.stringify(body)} was not refused`);
};
const spec = (body: Record<string, unknown>, aliases: string[] = []) =>
  specOf(accepted(body), { profile: MOCHI, aliases, drawSeed: () => 99 }).spec;

describe('the fields of a create request', () => {
  it('mean the same as a form sends them and as JSON does', () => {
    const native = { seconds: 4.5, width: 640, height: 480, fps: 24, seed: 7, num_inference_steps: 4, n: 1 };
    const strings = Object.fromEntries(Object.entries(native).map(([name, value]) => [name, String(value)]));
    expect(accepted(strings)).toEqual(accepted(native));
    expect(accepted(native)).toEqual({ prompt: 'a cat', ...native });
  });

  it('get the defaults of the model where they are absent, null or empty: an empty seed is not seed 0', () => {
    const defaults = {
      negativePrompt: '',
      model: 'mochi-1-preview',
      width: 848,
      height: 480,
      numFrames: 163,
      fps: 30,
      seed: 99,
      numInferenceSteps: 64,
      guidanceScale: 4.5,
    };
    expect(spec({})).toMatchObject(defaults);
    const names = ['model', 'seconds', 'size', 'fps', 'num_frames', 'seed', 'num_inference_steps', 'guidance_scale'];
    expect(spec(Object.fromEntries(names.map((name) => [name, null])))).toMatchObject(defaults);
    expect(spec(Object.fromEntries(names.map((name) => [name, ''])))).toMatchObject(defaults);
  });

  it.each([
    '   ',
    '\u3000\u3000',
    '\n\t',
    '\u200b\u200d\ufeff',
    '\u00ad\u2060',
    '\u3164',
    '\u2800',
    '\ufe0f\u{e0020}',
    '\u00a0\u2028',
  ])('have to hold a prompt that can be seen: %j makes no video', (prompt) => {
    expect(refused({ prompt })).toMatchObject({ status: 400, code: 'invalid_value', param: 'prompt' });
    expect(refused({ prompt: '', extra_body: { prompt } })).toMatchObject({ status: 400, param: 'prompt' });
    expect(accepted({ prompt: `${prompt}猫` }).prompt).toBe(`${prompt}猫`);
  });

  it('keep a seed and a guidance of 0, which are not absent', () => {
    expect(spec({ seed: 0, guidance_scale: '0' })).toMatchObject({ seed: 0, guidanceScale: 0 });
  });

  it('guide on the part of the steps that is asked for; all of them is the same as saying nothing', () => {
    expect(spec({ guidance_start: '0.1', guidance_stop: 0.8 })).toMatchObject({
      guidanceStart: 0.1,
      guidanceStop: 0.8,
    });
    expect(spec({ guidance_start: 0, guidance_stop: '1' })).toEqual(spec({}));
    expect(() => spec({ guidance_start: 0.8, guidance_stop: 0.1 })).toThrow(
      expect.objectContaining({ status: 400, param: 'guidance_stop' }),
    );
  });

  it.each([
    ['seed', '0x10'],
    ['seed', '1e3'],
    ['seed', '-1'],
    ['seed', ' 7'],
    ['seed', '7.0'],
    ['seed', 1.5],
    ['seed', true],
    ['seed', [7]],
    ['seed', '9007199254740992'],
    ['seed', 2 ** 53],
    ['seconds', 0],
    ['seconds', '0.0'],
    ['seconds', 'four'],
    ['seconds', Infinity],
    ['seconds', -4],
    ['size', 'large'],
    ['size', '848 x 480'],
    ['size', ['848x480']],
    ['width', '848px'],
    ['fps', '0'],
    ['num_frames', 0],
    ['num_inference_steps', 1],
    ['num_inference_steps', '1e1'],
    ['guidance_scale', 20.5],
    ['guidance_scale', '-1'],
    ['guidance_start', -0.1],
    ['guidance_stop', '1.1'],
    ['n', 9],
    ['num_outputs_per_prompt', '0'],
    ['negative_prompt', 7],
    ['model', { id: 'x' }],
    ['prompt', 7],
    ['prompt', 'a\u0000b'],
    ['prompt', 'bell \u0007'],
    ['prompt', 'half \ud83d'],
    ['prompt', 'x'.repeat(4001)],
    ['negative_prompt', 'x'.repeat(4001)],
  ])('%s of %j is refused by its name', (param, value) => {
    const error = refused({ [param]: value });
    expect(error).toMatchObject({ code: 'invalid_value', status: 400, param });
    expect(error.message).toMatch(new RegExp(`^${param} must be .{5}`));
  });

  it('keep the prompt exactly as it was given', () => {
    const prompt = '  Ein roter Kreis\n\twandert nach links 🔴  ';
    expect(parse({ prompt }).prompt).toBe(prompt);
  });

  it.each([[{}], [{ prompt: '' }], [{ prompt: null }]])('say what is missing of %j', (body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'missing_required_parameter', param: 'prompt' }));
  });

  it.each(['input_reference', 'image', 'video', 'image_reference', 'audio_url'])(
    'do not lose an image in silence: %s is refused',
    (param) => {
      expect(refused({ [param]: { image_url: 'https://example.com/a.png' } })).toMatchObject({ status: 400, param });
      expect(accepted({ [param]: null })).toEqual({ prompt: 'a cat' });
    },
  );

  it('that nobody here knows are ignored, as scripts for other servers send them', () => {
    expect(accepted({ flow_shift: 'x', quality: 'hd', lora: {}, user: 'me', boundary_ratio: null })).toEqual({
      prompt: 'a cat',
    });
  });

  it.each(['extra_body', 'extra_params'])('may come in %s, as object or JSON; the field itself wins', (name) => {
    const extra = { seed: 7, fps: 24, guidance_scale: 3 };
    const wanted = { prompt: 'a cat', seed: 7, fps: 12, guidance_scale: 3 };
    expect(accepted({ fps: 12, guidance_scale: '', [name]: extra })).toEqual(wanted);
    expect(accepted({ fps: 12, guidance_scale: null, [name]: JSON.stringify(extra) })).toEqual(wanted);
    expect(refused({ [name]: '{"seed": }' })).toMatchObject({ status: 400, param: name });
    expect(refused({ [name]: [1] })).toMatchObject({ status: 400, param: name });
    expect(refused({ [name]: { seed: 'x' } })).toMatchObject({ status: 400, param: 'seed' });
    expect(refused({ [name]: '{"__proto__": {"seed": 1}}' })).toMatchObject({ status: 400 });
  });

  it('name the model that runs, also when it was asked for by an alias', () => {
    expect(spec({ model: 'sora-2' }, ['sora-2']).model).toBe('mochi-1-preview');
    expect(() => spec({ model: 'sora-2' })).toThrow(
      expect.objectContaining({ code: 'model_not_found', status: 404, param: 'model' }),
    );
  });

  it('cannot ask for more steps than the model takes', () => {
    expect(spec({ num_inference_steps: 200 }).numInferenceSteps).toBe(200);
    expect(() => spec({ num_inference_steps: 201 })).toThrow(
      expect.objectContaining({ param: 'num_inference_steps', message: expect.stringContaining('200') }),
    );
  });
});
