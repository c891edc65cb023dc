import type { Video } from '../../client/types.ts';
import { VideoCard } from '../../components/gallery/video-card.tsx';
import { Sample } from '../samples/group.tsx';
import { denoising, failed, ignore, queued, video } from '../samples/samples.ts';

type State = Partial<Omit<Parameters<typeof VideoCard>[0], 'video'>>;

const CARDS: [name: string, video: Video, state?: State][] = [
  ['Queued', video('star', 'queued', queued)],
  ['In progress, no preview yet', video('square', 'begins', { ...denoising, phase: 'loading', progress: 2 })],
  ['In progress', video('star', 'denoising', { ...denoising, preview_step: 38 })],
  ['Being cancelled', video('ball', 'cancelling', { ...denoising, phase: 'cancelling', preview_step: 38 })],
  ['Completed', video('square', 'completed')],
  ['Square', video('ball', 'completed')],
  ['Portrait', video('triangle', 'completed')],
  ['New', video('square', 'new'), { fresh: true }],
  ['Starred', video('star', 'starred', { starred: true })],
  ['Tagged', video('star', 'tagged', { starred: true, tags: ['for the trailer', 'keeper', 'not yet graded'] })],
  ['Selected', video('square', 'selected'), { selected: true, selecting: true }],
  ['Not selected, others are', video('star', 'unselected'), { selecting: true }],
  ['Shown large', video('star', 'featured'), { featured: true }],
  ['Of an account', video('star', 'account', { account: 'studio-with-a-long-name' }), { allAccounts: true }],
  ['Failed', video('ball', 'failed', failed('worker_lost', 'The worker was lost.'))],
  ['Failed, no retry', video('ball', 'refused', failed('prompt_refused', 'The prompt is refused.'))],
  ['Cancelled', video('ball', 'cancelled', failed('cancelled', 'Cancelled.'))],
  ['Files removed', video('star', 'removed', { id: 'removed' })],
  ['From right to left', video('square', 'hebrew', { prompt: 'חתול כתום רוקד (cat), 3 פעמים, על גג בתל אביב בערב' })],
];

export function Cards() {
  return CARDS.map(([name, sample, state]) => (
    <Sample key={name} name={name}>
      <VideoCard
        video={sample}
        featured={false}
        comparable
        fresh={false}
        allAccounts={false}
        selected={false}
        selecting={false}
        onSelect={ignore}
        {...state}
      />
    </Sample>
  ));
}
