import { type FormEvent, useEffect, useId, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { listTags } from '../../client/videos.ts';
import { videosText } from '../../format/outcome.ts';
import { changedTags, isIn, readTags } from '../../format/tags.ts';
import { useActions } from '../../state/actions.ts';
import { hasTag } from '../../state/filter.ts';
import { Dialog } from '../elements/dialog.tsx';
import { Field } from '../elements/field.tsx';
import { IconButton } from '../elements/icon-button.tsx';
import { CloseIcon } from '../elements/icons.tsx';
import './tags-dialog.css';

interface Props {
  /** None closes the dialog. */
  videos: Video[];
  onClose: () => void;
}

/** Changes the tags of one video or of several. */
export function TagsDialog({ videos, onClose }: Props) {
  const isOpen = videos.length > 0;
  return (
    <Dialog open={isOpen} titleId="tags-title" onClose={onClose}>
      {isOpen && <Tags videos={videos} onClose={onClose} />}
    </Dialog>
  );
}

export function Tags({ videos, onClose }: Props) {
  const actions = useActions();
  const [added, setAdded] = useState<string[]>([]);
  const [removed, setRemoved] = useState<string[]>([]);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string>();
  const [known, setKnown] = useState<string[]>([]);
  const list = useId();
  const account = videos[0]?.account ?? '';
  useEffect(() => {
    const abort = new AbortController();
    // Without suggestions, tags can be typed all the same.
    listTags(account, abort.signal).then(
      ({ data }) => setKnown(data.map(({ tag }) => tag)),
      () => {},
    );
    return () => abort.abort();
  }, [account]);

  const before = changedTags([], videos.flatMap(({ tags = [] }) => tags).filter(isFirst), []);
  const tags = changedTags(before, added, removed);
  /** @returns what is added from now on; null where the text is refused */
  const take = (text: string): string[] | null => {
    const read = readTags(text);
    setProblem(read.problem);
    if (read.problem !== undefined) return null;
    const next = changedTags(added, read.tags, []);
    setAdded(next);
    setRemoved(removed.filter((tag) => !isIn(read.tags, tag)));
    setTyped('');
    return next;
  };
  const drop = (tag: string) => {
    setAdded(changedTags(added, [], [tag]));
    setRemoved([...removed, tag]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take(typed);
  };
  const save = () => {
    const all = take(typed);
    if (all === null) return;
    const without = removed.filter((tag) => !isIn(all, tag));
    const tagsOf = ({ tags: old = [] }: Video) => changedTags(old, all, without);
    const changed = videos.filter((video) => tagsOf(video).join() !== (video.tags ?? []).join());
    if (changed.length > 0) actions.tag(changed, tagsOf);
    onClose();
  };
  return (
    <>
      <h2 id="tags-title">{videos.length === 1 ? 'Tags' : `Tags of ${videosText(videos.length)}`}</h2>
      <form className="tags-add" noValidate onSubmit={submit}>
        <Field label="Add a tag" {...(problem !== undefined && { error: problem })}>
          {(props) => (
            <input
              {...props}
              list={list}
              dir="auto"
              autoComplete="off"
              autoFocus
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <datalist id={list}>
          {known
            .filter((tag) => !isIn(tags, tag))
            .map((tag) => (
              <option key={tag} value={tag} />
            ))}
        </datalist>
        <button type="submit" className="outlined">
          Add
        </button>
      </form>
      <ul className="tags-list" aria-label="Tags">
        {tags.map((tag) => {
          const count = isIn(added, tag) ? videos.length : videos.filter((video) => hasTag(video, tag)).length;
          return (
            <li key={tag}>
              <bdi>{tag}</bdi>
              {count < videos.length && (
                <small className="numbers">
                  {count} of {videos.length}
                </small>
              )}
              <IconButton name={`Remove ${tag}`} onClick={() => drop(tag)}>
                <CloseIcon />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <div className="dialog-buttons">
        <button type="button" className="outlined" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="filled" data-focus-next onClick={save}>
          Save
        </button>
      </div>
    </>
  );
}

const isFirst = (tag: string, at: number, tags: string[]) => tags.findIndex((other) => isIn([tag], other)) === at;
