import type { Video } from '../../client/types.ts';
import { Details, FeaturedVideo } from '../../components/player/featured-video.tsx';
import { GroupRow } from '../../components/player/group-row.tsx';
import { Screen } from '../../components/player/screen.tsx';
import { Sample } from '../samples/group.tsx';
import { ACCOUNT, denoising, failed, ignore, queued, video } from '../samples/samples.ts';

const GROUP = [
  video('star', 'one'),
  video('square', 'two'),
  video('star', 'three'),
  video('square', 'four', { ...denoising, preview_step: 38 }),
];
const COMPARED = [
  video('star', 'a'),
  video('square', 'bb', { guidance_scale: 7, num_inference_steps: 32 }),
  video('ball', 'ccc'),
  video('triangle', 'dddd', { negative_prompt: 'blurry, low contrast' }),
];
const MADE = video('star', 'made', {
  starred: true,
  tags: ['keeper', 'for the trailer'],
  negative_prompt: 'blurry, low contrast',
  original_prompt: 'a star',
  expires_at: Math.floor(Date.now() / 1000) + 2 * 86_400,
  warnings: ['the prompt has 301 tokens, of which the model reads 256'],
});

const SCREENS: [name: string, video: Video][] = [
  ['Queued', video('star', 'queued', queued)],
  ['Begun', video('star', 'begun', { ...denoising, phase: 'loading', progress: 2, step: null })],
  ['In progress', video('star', 'denoising', { ...denoising, preview_step: 38 })],
  ['Portrait', video('triangle', 'completed')],
  ['Failed', video('star', 'failed', failed('worker_lost', 'The worker that made this video was lost three times.'))],
  ['Cancelled', video('star', 'cancelled', failed('cancelled', 'Cancelled.'))],
];
const NONE = { account: ACCOUNT, allAccounts: false, together: [], compared: [], onChoose: ignore };

export function Players() {
  return (
    <>
      <Sample name="Finished" stage>
        <Details {...NONE} video={MADE} />
      </Sample>
      {SCREENS.map(([name, sample]) => (
        <Sample key={name} name={name}>
          <Screen video={sample} />
        </Sample>
      ))}
      <Sample name="Not there">
        <FeaturedVideo {...NONE} videoId="star_none" video={null} failure={null} group={[]} />
      </Sample>
      <Sample name="A group to choose from" stage>
        <GroupRow videos={GROUP} shown={GROUP[0]!} compared={[]} onShow={ignore} />
      </Sample>
      <Sample name="A group side by side" stage>
        <Details {...NONE} video={GROUP[0]!} together={GROUP} />
      </Sample>
      <Sample name="Two compared" stage>
        <Details {...NONE} video={COMPARED[0]!} compared={COMPARED.slice(0, 2)} />
      </Sample>
      <Sample name="Four compared" stage>
        <Details {...NONE} video={COMPARED[0]!} compared={COMPARED} />
      </Sample>
    </>
  );
}
