import { useState } from 'react';
import type { Video } from '../../client/types.ts';
import { phaseText } from '../../format/phases.ts';
import { useTicking } from '../../state/use-ticking.ts';
import { timeLeft } from '../../format/time-left.ts';
import './progress.css';

/** Phase, step, time left, and a progress bar. */
export function Progress({ video }: { video: Video }) {
  useTicking(1_000);
  const left = video.phase === 'cancelling' ? null : leftOf(video);
  return (
    <div className="progress">
      <p className="progress-text">
        <span>{phaseText(video)}</span>
        {left && <span className="progress-left">{left}</span>}
      </p>
      <progress max={100} value={video.progress} aria-label="Progress" />
    </div>
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

const leftOf = ({ estimate, deadline_at }: Video) => timeLeft(estimate ?? null, deadline_at, Date.now() / 1000);
