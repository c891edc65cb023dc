import type { Video } from '../client/types.ts';
import { sameTag } from '../format/tags.ts';
import { foundBy } from '../format/words.ts';

/** Which videos the gallery shows. Empty strings, false and no tags limit nothing. */
export interface Filter {
  /** Words of the prompt. */
  q: string;
  status: Video['status'] | '';
  /** As in the API, `848x480`. */
  size: string;
  starred: boolean;
  /** A video has all of them. */
  tags: string[];
  /** Id of a model. */
  model: string;
  /** Id of an account, for admins. */
  account: string;
}

export const NO_FILTER: Filter = { q: '', status: '', size: '', starred: false, tags: [], model: '', account: '' };

/** Their names in the page's address are those in the API's query. */
export const FILTER_NAMES = ['q', 'status', 'size', 'starred', 'tag', 'model', 'account'] as const;

/** The API's limit for `q`, in characters. */
export const MAX_QUERY = 200;

const STATUSES: readonly string[] = ['queued', 'in_progress', 'completed', 'failed'] satisfies Video['status'][];
/** As the API accepts ids. */
export const IDENTIFIER = /^[\w.:@/+-]{1,200}$/;

/** The API refuses a search without a word. */
const isSearch = (q: string) => /[\p{L}\p{N}]/u.test(q);

/** The query of a list with this filter; what limits nothing is left out. */
export function filterQuery({ q, status, size, starred, tags, model, account }: Filter): Record<string, string> {
  const values = {
    q: isSearch(q) ? q.trim() : '',
    status,
    size,
    starred: starred ? 'true' : '',
    tag: tags.join(','),
    model,
    account,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

/** The same text for filters that find the same. */
export const filterKey = (filter: Filter): string => new URLSearchParams(filterQuery(filter)).toString();

/** The filter in an address; what the API would refuse is left out. */
export function readFilter(query: URLSearchParams): Filter {
  const matching = (name: string, pattern: RegExp) => pattern.exec(query.get(name) ?? '')?.[0] ?? '';
  const status = query.get('status') ?? '';
  return {
    q: (query.get('q') ?? '').slice(0, MAX_QUERY),
    status: STATUSES.includes(status) ? (status as Video['status']) : '',
    size: matching('size', /^\d{1,5}x\d{1,5}$/),
    starred: query.get('starred') === 'true',
    tags: query.getAll('tag').flatMap((tags) => tags.split(',').filter((tag) => tag.trim() !== '')),
    model: matching('model', IDENTIFIER),
    account: matching('account', IDENTIFIER),
  };
}

/**
 * Whether a video that the page has loaded fits, so that what changes comes and goes at once.
 *
 * @param found ids that the server has found by `q`, whose reading of words counts
 */
export function fits(video: Video, filter: Filter, found: ReadonlySet<string>): boolean {
  const { q, status, size, starred, tags, model, account } = filter;
  return (
    (status === '' || video.status === status) &&
    (size === '' || video.size === size) &&
    (!starred || video.starred === true) &&
    (model === '' || video.model === model) &&
    (account === '' || video.account === account) &&
    tags.every((tag) => hasTag(video, tag)) &&
    (q.trim() === '' || found.has(video.id) || foundBy(q, video.prompt))
  );
}

export const hasTag = ({ tags = [] }: Video, wanted: string): boolean => tags.some((tag) => sameTag(tag, wanted));
