import { type RefObject, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../client/api-error.ts';
import { type Account, isFinished, type Video } from '../../client/types.ts';
import { facts } from '../../format/facts.ts';
import { requestFailure } from '../../format/failures.ts';
import { ago, momentOf } from '../../format/time.ts';
import { useActions } from '../../state/actions.ts';
import { useKeys } from '../../state/use-keys.ts';
import { useTitle } from '../../state/use-title.ts';
import { TagIcon } from '../elements/icons.tsx';
import { SpokenProgress } from '../video/progress.tsx';
import { FeaturedActions } from '../video/video-actions.tsx';
import { CompareScreen } from './compare-screen.tsx';
import { Differences } from './differences.tsx';
import { GroupRow } from './group-row.tsx';
import { GroupScreen } from './group-screen.tsx';
import { Screen } from './screen.tsx';
import './featured-video.css';

interface Props {
  /** As in the page's address. */
  videoId: string | null;
  /** null until it is known. */
  video: Video | null;
  failure: Error | null;
  account: Account | null;
  /** Videos of all accounts are shown, each with its account. */
  allAccounts: boolean;
  /** The videos of its group, in order; empty for a single video. */
  group: Video[];
  /** Other finished videos that it is compared with. */
  compared: Video[];
}

/** The video that the page shows large, or why it does not. Nothing without a video in the address. */
export function FeaturedVideo({ videoId, video, failure, account, allAccounts, group, compared }: Props) {
  const section = useRef<HTMLElement>(null);
  const gone = failure instanceof ApiError && failure.status === 404;
  const shown = gone ? null : video;
  useIntoView(section, video?.id ?? null);
  useTitle(video);
  const { feature } = useActions();
  const [together, setTogether] = useTogether(group);
  /** @param member null for all of them */
  const choose = (member: Video | null) => {
    setTogether(member === null);
    if (member !== null) feature(member);
  };
  if (videoId === null) return null;
  return (
    <section ref={section} id="video" className="featured" aria-label="Video" tabIndex={-1}>
      {shown !== null && group.length > 1 && (
        <GroupRow videos={group} shown={together ? null : shown} compared={compared} onShow={choose} />
      )}
      {shown !== null ? (
        <Details
          key={shown.id}
          video={shown}
          account={account}
          allAccounts={allAccounts}
          together={together ? group : []}
          compared={compared.length > 0 && shown.status === 'completed' ? [shown, ...compared] : []}
          onChoose={choose}
        />
      ) : (
        <div className="screen">
          <div className="picture">
            <p className="notice">{emptyText(failure, gone)}</p>
          </div>
        </div>
      )}
    </section>
  );
}

/** Whether a group is shown side by side: at first while it is being made, then as its viewer chooses. */
function useTogether(group: Video[]): [boolean, (together: boolean) => void] {
  const id = group.length > 1 ? (group[0]!.group_id ?? null) : null;
  const [chosen, setChosen] = useState<{ id: string | null; together: boolean }>({ id: null, together: false });
  if (chosen.id !== id) setChosen({ id, together: !group.every(isFinished) });
  return [chosen.together && id !== null, (together) => setChosen({ id, together })];
}

function emptyText(failure: Error | null, gone: boolean): string {
  if (gone) return 'There is no such video: it was deleted, or belongs to another account.';
  return failure === null ? 'Loading the video…' : requestFailure(failure);
}

interface DetailsProps {
  video: Video;
  account: Account | null;
  allAccounts: boolean;
  /** The videos of a group that are shown in its place, side by side; empty to show it alone. */
  together: Video[];
  /** All that are compared, itself first; empty without a comparison. */
  compared: Video[];
  onChoose: (video: Video) => void;
}

/** Days before its end in which a video says until when it is kept. */
const LAST_DAYS = 7;

/** A video with what is said of it and done with it. */
export function Details({ video, account, allAccounts, together, compared, onChoose }: DetailsProps) {
  const actions = useActions();
  useKeys({
    E: () => actions.edit(video),
    V: () => actions.vary(video),
    Delete: () => actions.remove([video]),
    ...(video.starred !== undefined && {
      S: () => actions.star([video], !video.starred),
      T: () => actions.editTags([video]),
    }),
    ...(video.status === 'completed' && { D: () => actions.download(video), R: () => actions.again(video, false) }),
  });
  const { expires_at: expiresAt, created_at: createdAt, deadline_at: deadlineAt } = video;
  const expiresSoon = expiresAt !== null && expiresAt - Date.now() / 1000 < LAST_DAYS * 86_400;
  return (
    <article>
      {compared.length > 0 ? (
        <CompareScreen videos={compared} />
      ) : together.length > 0 ? (
        <GroupScreen videos={together} onChoose={onChoose} />
      ) : (
        <Screen video={video} />
      )}
      <div className="caption">
        {compared.length > 0 && <Differences videos={compared} />}
        <h2 className="caption-prompt" dir="auto">
          {video.prompt}
        </h2>
        <FeaturedActions
          video={video}
          temporalUrl={account?.temporal_ui_url ?? null}
          canShare={account?.share_links ?? false}
        />
        <ul className="facts numbers" aria-label="Settings">
          {facts(video).map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
          <li>{ago(createdAt)}</li>
          {allAccounts && video.account && (
            <li>
              by <bdi>{video.account}</bdi>
            </li>
          )}
          {video.status === 'completed' && expiresSoon && <li>kept until {momentOf(expiresAt)}</li>}
          {deadlineAt != null && !isFinished(video) && <li>Stops at {momentOf(deadlineAt)}, even if unfinished</li>}
          {video.tags?.map((tag) => (
            <li key={tag} className="fact-tag">
              <button type="button" title="Show the videos with this tag" onClick={() => actions.showTag(tag)}>
                <TagIcon /> <bdi>{tag}</bdi>
              </button>
            </li>
          ))}
        </ul>
        {video.negative_prompt && (
          <p className="caption-note">
            Negative prompt: <bdi>{video.negative_prompt}</bdi>
          </p>
        )}
        {video.original_prompt && (
          <p className="caption-note">
            Enhanced from: <bdi>{video.original_prompt}</bdi>
          </p>
        )}
        {video.overdue && (
          <p className="caption-note">This is taking longer than expected. It is still being worked on.</p>
        )}
        {video.warnings.map((warning) => (
          <p key={warning} className="caption-note">
            Note: {warning}.
          </p>
        ))}
      </div>
      <SpokenProgress video={video} />
    </article>
  );
}

/**
 * Scrolls to an element that shows something new, unless its top is already in the upper half of the window: it may be
 * far above the gallery's last card.
 *
 * @param content what the element shows; null for nothing
 */
function useIntoView(ref: RefObject<HTMLElement | null>, content: string | null): void {
  useEffect(() => {
    if (content === null || ref.current === null) return;
    const { top } = ref.current.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) ref.current.scrollIntoView();
  }, [ref, content]);
}
