import { createContext, useContext } from 'react';
import type { CreateVideo, Video } from '../client/types.ts';

/** What can be done with videos, from wherever one is shown. Failures are told to the viewer. */
export interface Actions {
  /** Submits; the new video goes on the stage. @throws as `request`, so that the form can show it */
  create: (body: CreateVideo) => Promise<void>;
  /** Puts it on the stage and in the page's address. */
  show: (video: Video) => void;
  again: (video: Video, sameSeed: boolean) => void;
  /** Puts its settings into the form. */
  edit: (video: Video) => void;
  cancel: (video: Video) => void;
  retry: (video: Video) => void;
  /** After a confirmation. */
  remove: (video: Video) => void;
  download: (video: Video) => void;
  copyPrompt: (video: Video) => void;
  copyCurl: (video: Video) => void;
}

export const ActionsContext = createContext<Actions | null>(null);

export function useActions(): Actions {
  const actions = useContext(ActionsContext);
  if (actions === null) throw new Error('there is no ActionsContext around this component');
  return actions;
}
