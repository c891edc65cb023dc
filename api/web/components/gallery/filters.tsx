import { useMemo, useState } from 'react';
import type { Model, Video, VideoTag } from '../../client/types.ts';
import { listTags } from '../../client/videos.ts';
import { sizeText } from '../../format/facts.ts';
import { sameTag } from '../../format/tags.ts';
import { type Filter, filterKey, NO_FILTER } from '../../state/filter.ts';
import { DownIcon } from '../elements/icons.tsx';
import { Menu, type MenuItem } from '../elements/menu.tsx';
import '../elements/chip.css';
import './filters.css';

interface Props {
  filter: Filter;
  onFilter: (change: Partial<Filter>) => void;
  model: Model | null;
  /** Those that the page has loaded: their sizes and models can be chosen. */
  videos: Video[];
}

const STATUSES: [Video['status'], string][] = [
  ['queued', 'Queued'],
  ['in_progress', 'In progress'],
  ['completed', 'Done'],
  ['failed', 'Failed'],
];

/** Which videos the gallery shows, besides those that the search finds. */
export function Filters({ filter, onFilter, model, videos }: Props) {
  const { status, size, starred, tags, account } = filter;
  const sizes = useChoices(videos, 'size', [...(model?.sizes ?? []), size]);
  const models = useChoices(videos, 'model', [model?.id ?? '', filter.model]);
  const [known, setKnown] = useState<VideoTag[] | null>(null);
  const loadTags = () =>
    void listTags(account).then(
      ({ data }) => setKnown(data),
      () => setKnown([]),
    );
  const others = tags.filter((tag) => !known?.some((one) => sameTag(one.tag, tag)));
  const tagItems = [...others.map((tag) => ({ tag, videos: null })), ...(known ?? [])].map(({ tag, videos: count }) => {
    const checked = tags.some((one) => sameTag(one, tag));
    const left = tags.filter((one) => !sameTag(one, tag));
    return {
      name: tag,
      ...(count !== null && { note: String(count) }),
      checked,
      run: () => onFilter({ tags: checked ? left : [...tags, tag] }),
    };
  });
  const toggle = (name: string, pressed: boolean, change: Partial<Filter>) => (
    <button key={name} type="button" className="chip" aria-pressed={pressed} onClick={() => onFilter(change)}>
      {name}
    </button>
  );
  return (
    <div className="filters" role="group" aria-label="Filters">
      {toggle('All', filterKey({ ...filter, account: '', q: '' }) === '', { ...NO_FILTER, account, q: filter.q })}
      {toggle('Starred', starred, { starred: !starred })}
      {STATUSES.map(([value, name]) => toggle(name, status === value, { status: status === value ? '' : value }))}
      <span className="filters-gap" />
      {models.length > 1 && (
        <ChipMenu
          label="Model"
          chosen={filter.model}
          items={oneOf(
            models,
            filter.model,
            (name) => name,
            (value) => onFilter({ model: value }),
          )}
        />
      )}
      <ChipMenu
        label="Size"
        chosen={size && sizeText(size)}
        items={oneOf(sizes, size, sizeText, (value) => onFilter({ size: value }))}
      />
      <ChipMenu
        label="Tag"
        chosen={tags.join(', ')}
        items={tagItems}
        note={known === null ? 'Loading…' : tagItems.length === 0 ? 'No video has a tag yet.' : undefined}
        onOpen={loadTags}
      />
    </div>
  );
}

/** What the loaded videos have there, and what else can be chosen. */
function useChoices(videos: Video[], name: 'size' | 'model', others: string[]): string[] {
  const joined = others.filter((value) => value !== '').join('|');
  return useMemo(
    () => [...new Set([...joined.split('|'), ...videos.map((video) => video[name])])].filter((value) => value !== ''),
    [videos, name, joined],
  );
}

/** The items of a menu in which at most one is chosen; choosing it again chooses none. */
const oneOf = (
  values: string[],
  chosen: string,
  nameOf: (value: string) => string,
  choose: (value: string) => void,
): MenuItem[] =>
  values.map((value) => ({
    name: nameOf(value),
    checked: value === chosen,
    run: () => choose(value === chosen ? '' : value),
  }));

interface ChipMenuProps {
  label: string;
  /** What is chosen, as text; empty for nothing. */
  chosen: string;
  items: MenuItem[];
  note?: string | undefined;
  onOpen?: () => void;
}

const ChipMenu = ({ label, chosen, ...menu }: ChipMenuProps) => (
  <Menu
    label={chosen ? `${label}: ${chosen}` : label}
    className={chosen ? 'chip-menu chip-chosen' : 'chip-menu'}
    {...menu}
  >
    <span>{chosen || label}</span>
    <DownIcon />
  </Menu>
);
