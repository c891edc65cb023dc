import type { Video } from '../jobs/video-schema.ts';

/** The most characters of a prompt in a file's name. */
const PROMPT_CHARS = 60;

/** Names for these videos' files: the beginning of the prompt, and the seed; each differs from the others, in any case. */
export function archiveNames(videos: readonly Pick<Video, 'prompt' | 'seed'>[]): string[] {
  const taken = new Set<string>();
  return videos.map(({ prompt, seed }) => {
    const name = `${wordsOf(prompt)}-seed-${seed}`;
    for (let n = 1; ; n++) {
      const unique = n === 1 ? `${name}.mp4` : `${name}-${n}.mp4`;
      // Some file systems take two names for one that differ only by case.
      const key = unique.toLowerCase();
      if (taken.has(key)) continue;
      taken.add(key);
      return unique;
    }
  });
}

/** Letters and digits of any script, with dashes in between: nothing that a file system could take for anything else. */
function wordsOf(prompt: string): string {
  const words = prompt.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '-');
  const start = Array.from(words.replace(/^-/, '')).slice(0, PROMPT_CHARS).join('');
  return start.replace(/-$/, '') || 'video';
}
