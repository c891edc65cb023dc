import { useState } from 'react';
import type { Video } from '../../client/types.ts';
import { phaseText } from '../../format/phases.ts';
import { timeLeft } from '../../format/time-left.ts';
import { useTicking } from '../../state/use-ticking.ts';

/** Phase, step and time left. */
export function ProgressText({ video }: { video: Video }) {
  useTicking(1_000);
  const left = video.phase === 'cancelling' ? null : leftOf(video);
  return (
    <p className="transport-words progress-text numbers">
      <span>{phaseText(video)}</span>
      {left && <span className="progress-left">{left}</span>}
    </p>
  );
}

/** Progress for screen readers: each new phase and each quarter, not every step. */
export function SpokenProgress({ video }: { video: Video }) {
  const milestone = `${video.status} ${video.phase} ${Math.floor(video.progress / 25)}`;
  const [spoken, setSpoken] = useState({ milestone: '', text: '' });
  if (spoken.milestone !== milestone) {
    const left = leftOf(video);
    setSpoken({ milestone, text: [phaseText(video), `${video.progress} percent`, left].filter(Boolean).join(', ') });
  }
  return (
    <p role="status" className="visually-hidden">
      {spoken.text}
    </p>
  );
}

/** As text; null if unknown. */
export const leftOf = ({ estimate, deadline_at }: Video): string | null =>
  timeLeft(estimate ?? null, deadline_at, Date.now() / 1000);
