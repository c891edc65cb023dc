import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { videosText } from '../../format/outcome.ts';
import { GALLERY, GALLERY_TITLE } from './library-head.tsx';
import './new-videos.css';

/** Says how many new videos wait, and goes where they are. @param count that the gallery does not show yet */
export function NewVideos({ count }: { count: number }) {
  const still = useReducedMotion();
  if (count === 0) return null;
  const show = () => {
    document.getElementById(GALLERY)?.scrollIntoView({ behavior: still ? 'auto' : 'smooth' });
    document.getElementById(GALLERY_TITLE)?.focus({ preventScroll: true });
  };
  return (
    <button type="button" className="new-videos filled" onClick={show}>
      <span aria-hidden="true">↑</span> {videosText(count, 'new')}
    </button>
  );
}
