import type { Video } from '../client/types.ts';

const NAME = 'kinora-notifications';
/** A soft tone: Hz, and seconds. */
const TONE_HZ = 660;
const TONE_S = 0.4;

/** Browsers offer notifications to pages that were loaded securely, or from this machine. */
export const canNotify = (): boolean => 'Notification' in globalThis && isSecureContext;

/** Whether the viewer wants to be told, with a tone, when a video is done while the page is not seen. */
export function wantsNotifications(): boolean {
  try {
    return canNotify() && Notification.permission === 'granted' && localStorage.getItem(NAME) === 'on';
  } catch {
    return false;
  }
}

/** @returns what holds now: the browser may refuse */
export async function setNotifications(on: boolean): Promise<boolean> {
  const granted = on && (await Notification.requestPermission()) === 'granted';
  try {
    localStorage.setItem(NAME, granted ? 'on' : 'off');
  } catch {
    // Without storage they stay off.
  }
  return wantsNotifications();
}

/** Tells of a finished video, unless the page is seen. */
export function notifyDone({ id, prompt }: Video): void {
  if (!document.hidden || !wantsNotifications()) return;
  try {
    const notification = new Notification('The video is done', { body: prompt, tag: id });
    notification.addEventListener('click', () => focus());
    playTone();
  } catch {
    // Some phones let only service workers notify.
  }
}

function playTone(): void {
  const audio = new AudioContext();
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0.15, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + TONE_S);
  const tone = audio.createOscillator();
  tone.frequency.value = TONE_HZ;
  tone.connect(gain).connect(audio.destination);
  tone.addEventListener('ended', () => void audio.close());
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
}
