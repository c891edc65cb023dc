import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { decodeMp4 } from '../../tools/harness/model/decoded.ts';
import { findPython } from '../support/needs/python.ts';
import { itWith } from '../support/needs/with-needs.ts';
import { type VideoAnswer, WholeService } from '../../tools/harness/services/whole-service.ts';

const run = promisify(execFile);
const ROOT = new URL('../../../', import.meta.url);
const pages = await Promise.all(['README.md', 'docs/api.md'].map((path) => readFile(new URL(path, ROOT), 'utf8')));
const python = await findPython();

let kinora: WholeService;
/** Where the examples run, as in a project that has OpenAI's client installed. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-readme-'));
  await symlink(fileURLToPath(new URL('node_modules', ROOT)), join(folder, 'node_modules'));
  kinora = await WholeService.start({ MODEL_DIR: MOCHI_TINY });
});
afterAll(async () => {
  await kinora?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The block in this language that has `words` in it, made for the service of this test. */
function example(language: string, words: string): string {
  const blocks = [...pages.join('\n').matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const block = blocks.find(([, its, code]) => its === language && code!.includes(words));
  return block![2]!.replaceAll('localhost:8080', new URL(kinora.service.apiUrl).host);
}

/** Two seconds, as the examples ask for, and every frame is there. */
async function expectVideo(file: string | undefined): Promise<void> {
  const { frames } = await decodeMp4(join(folder, file!));
  expect(frames.at(-1)!.time).toBeGreaterThan(1.8);
  expect(frames.at(-1)!.time).toBeLessThan(2.1);
}

describe('a user who copies from the README and the description of the API', () => {
  itWith('curl')('has a video with curl, command by command', async () => {
    const commands = example('sh', 'curl -s ')
      .trim()
      .split(/(?<!\\)\n/);
    const sh = async (part: string, id = '') => {
      const command = commands.find((line) => line.includes(part))!.replace('video_…', id);
      return (await run('sh', ['-c', command], { cwd: folder })).stdout;
    };
    const { id } = JSON.parse(await sh('/v1/videos -H')) as VideoAnswer;
    expect(JSON.parse(await sh('video_…  ', id))).toMatchObject({ id, error: null });
    expect(await sh('/events', id)).toMatch(/"status":"completed".*\n\nevent: end\n/s);
    await sh('/content', id);
    await expectVideo((await readdir(folder)).find((name) => name.includes(id)));
    expect(JSON.parse(await sh('/cancel', id))).toMatchObject({ id, status: 'completed' });
    expect(commands).toHaveLength(5);
  });

  it("has a video with OpenAI's client for npm", async () => {
    await writeFile(join(folder, 'example.mjs'), example('js', "from 'openai'"));
    await run(process.execPath, ['example.mjs'], { cwd: folder });
    await expectVideo('circle.mp4');
  });

  itWith('python')("has a video with OpenAI's client for Python", async () => {
    await python!(example('python', 'from openai'), {}, folder);
    await expectVideo('square.mp4');
  });
});
