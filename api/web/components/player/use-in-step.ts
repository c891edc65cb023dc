import { useEffect } from 'react';

/** Followers further from the leader than this are set to its time, in seconds. */
const DRIFT_S = 0.06;

/** Makes videos play, pause, seek and loop with another one. */
export function useInStep(leader: HTMLVideoElement | null, followers: HTMLVideoElement[]): void {
  useEffect(() => {
    if (leader === null) return;
    const follow = () => {
      for (const follower of followers) {
        follower.playbackRate = leader.playbackRate;
        if (Math.abs(follower.currentTime - leader.currentTime) > DRIFT_S) follower.currentTime = leader.currentTime;
        if (leader.paused) follower.pause();
        else if (follower.paused) void follower.play().catch(() => {});
      }
    };
    const events = ['play', 'pause', 'seeking', 'seeked', 'ratechange', 'timeupdate'];
    for (const name of events) leader.addEventListener(name, follow);
    follow();
    return () => {
      for (const name of events) leader.removeEventListener(name, follow);
    };
  }, [leader, followers]);
}
