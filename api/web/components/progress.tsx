import { useState } from 'react';
import type { Video } from '../client/types.ts';
import { phaseText } from '../words/phases.ts';
import { timeLeft } from '../words/time.ts';
import './progress.css';

/** How far a video is: phase, step, time left, and a bar. */
export function Progress({ video }: { video: Video }) {
  const left = video.phase === 'cancelling' ? null : timeLeft(video.eta_seconds);
  return (
    <div className="progress">
      <p className="progress-words">
        <span>{phaseText(video)}</span>
        {left && <span className="progress-left">{left}</span>}
      </p>
      <progress max={100} value={video.progress} aria-label="Progress" />
    </div>
  );
}

/** Tells the screen reader how far a video is: each new phase, and each quarter of the way, not every step. */
export function SpokenProgress({ video }: { video: Video }) {
  const milestone = `${video.status} ${video.phase} ${Math.floor(video.progress / 25)}`;
  const [spoken, setSpoken] = useState({ milestone: '', text: '' });
  if (spoken.milestone !== milestone) {
    const left = timeLeft(video.eta_seconds);
    setSpoken({ milestone, text: [phaseText(video), `${video.progress} percent`, left].filter(Boolean).join(', ') });
  }
  return (
    <p role="status" className="visually-hidden">
      {spoken.text}
    </p>
  );
}
