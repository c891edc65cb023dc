import { ApiError, UnreachableError } from '../../client/api-error.ts';
import type { VideoEstimate } from '../../client/types.ts';
import { Composer } from '../../components/composer/composer.tsx';
import { EarlierPrompts } from '../../components/composer/earlier-prompts.tsx';
import { Suggestion } from '../../components/composer/enhance.tsx';
import { Submit } from '../../components/composer/submit.tsx';
import { TokenMeter } from '../../components/composer/token-meter.tsx';
import { Sample } from '../samples/group.tsx';
import { ignore, MODEL, PROMPTS, video } from '../samples/samples.ts';

/** Once: it is taken over for each new object. */
const EDITED = { prompt: PROMPTS.star, seed: 7, num_inference_steps: 40 };
const ESTIMATE: VideoEstimate = {
  object: 'video.estimate',
  model: MODEL.id,
  size: '848x480',
  seconds: '2.833',
  fps: 30,
  num_frames: 85,
  num_inference_steps: 64,
  warnings: [],
  queue_position: 4,
  wait_seconds: 90,
  eta_seconds: 124,
  gpu_seconds: 24,
  measured: true,
};
const READY = { estimate: ESTIMATE, failure: null, ready: true, sending: false, variations: 1 };
const REFUSED = new ApiError(429, new Headers({ 'retry-after': '40' }), { error: { code: 'rate_limit_exceeded' } });

const METERS: [name: string, tokens: number][] = [
  ['low', 12],
  ['near', 231],
  ['full', 256],
  ['over', 301],
];

const SUGGESTIONS = [
  [
    'Suggestion',
    'A paper boat floats down a gutter in the rain',
    'A small boat made of folded paper floats down a rainy gutter, at dusk, seen from close by',
  ],
  ['Suggestion from right to left', 'חתול כתום רוקד', 'חתול כתום שמן רוקד על הגג (cat), 3 פעמים'],
] as const;

const SUBMITS: [name: string, state: Partial<Parameters<typeof Submit>[0]>][] = [
  ['Generate', {}],
  ['Generate 4, nothing known', { estimate: null, variations: 4 }],
  ['Sending', { sending: true }],
  ['Not ready', { estimate: null, ready: false }],
  ['Refused', { estimate: REFUSED, failure: REFUSED }],
  ['No answer', { failure: new UnreachableError('') }],
];

export function ComposerParts() {
  return (
    <>
      {METERS.map(([name, tokens]) => (
        <Sample key={name} name={`Tokens: ${name}`}>
          <TokenMeter what="prompt" text={{ tokens, most: 256 }} />
        </Sample>
      ))}
      {SUGGESTIONS.map(([name, from, to]) => (
        <Sample key={name} name={name}>
          <Suggestion from={from} to={to} onUse={ignore} onDismiss={ignore} />
        </Sample>
      ))}
      {SUBMITS.map(([name, state]) => (
        <Sample key={name} name={name}>
          <Submit {...READY} {...state} />
        </Sample>
      ))}
      <Sample name="Earlier prompts, in a high window">
        <EarlierPrompts
          videos={[video('star', 'earlier'), video('ball', 'earlier'), video('square', 'earlier')]}
          onPick={ignore}
        />
      </Sample>
      <Sample name="The whole form" stage>
        <Composer model={MODEL} edited={EDITED} suggestion={null} earlier={[]} onEarlier={ignore} enhances />
      </Sample>
    </>
  );
}
