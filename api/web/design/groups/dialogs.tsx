import type { ReactNode } from 'react';
import '../../components/elements/dialog.css';
import { Keys } from '../../components/shell/keys-dialog.tsx';
import { Share } from '../../components/video/share-dialog.tsx';
import { Tags } from '../../components/video/tags-dialog.tsx';
import { Sample } from '../samples/group.tsx';
import { ignore, video } from '../samples/samples.ts';

const TAGGED = [
  video('star', 'tags', { tags: ['keeper', 'for the trailer'] }),
  video('ball', 'tags', { tags: ['keeper', 'a tag that is long enough to be broken into two lines'] }),
];

/** In the page, they cover everything else. */
const Open = ({ titleId, children }: { titleId: string; children: ReactNode }) => (
  <dialog open aria-labelledby={titleId}>
    {children}
  </dialog>
);

export function Dialogs() {
  return (
    <>
      <Sample name="Tags of several">
        <Open titleId="tags-title">
          <Tags videos={TAGGED} onClose={ignore} />
        </Open>
      </Sample>
      <Sample name="Share">
        <Open titleId="share-title">
          <Share video={TAGGED[0]!} onClose={ignore} />
        </Open>
      </Sample>
      <Sample name="Keys">
        <Open titleId="keys-title">
          <Keys onClose={ignore} />
        </Open>
      </Sample>
    </>
  );
}
