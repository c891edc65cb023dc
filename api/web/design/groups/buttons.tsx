import { Fragment } from 'react';
import { IconButton } from '../../components/elements/icon-button.tsx';
import * as icons from '../../components/elements/icons.tsx';
import { Menu, MenuList, type MenuItem } from '../../components/elements/menu.tsx';
import { FeaturedActions } from '../../components/video/video-actions.tsx';
import '../../components/elements/chip.css';
import { Sample } from '../samples/group.tsx';
import { ignore, video } from '../samples/samples.ts';

const ITEMS: MenuItem[] = [
  { name: 'Download', icon: icons.DownloadIcon, keyName: 'D' },
  { name: 'Tags …', icon: icons.TagIcon, keyName: 'T' },
  { name: 'Open in Temporal', icon: icons.OutsideIcon, href: '#buttons' },
  { name: 'Delete', icon: icons.DeleteIcon, keyName: 'Del', danger: true },
];
const CHECKED: MenuItem[] = [
  { name: 'keeper', checked: true, note: '12' },
  { name: 'for the trailer', checked: false, note: '3' },
];

export function Buttons() {
  return (
    <>
      <Sample name="Buttons">
        <div className="design-row">
          {['lamp', 'filled', 'outlined', '', 'danger'].map((kind) => (
            <button key={kind} type="button" className={kind}>
              {kind || 'plain'}
            </button>
          ))}
        </div>
      </Sample>
      <Sample name="Buttons that do nothing now">
        <div className="design-row">
          {['lamp', 'filled', 'outlined'].map((kind) => (
            <button key={kind} type="button" className={kind} aria-disabled="true">
              {kind}
            </button>
          ))}
        </div>
      </Sample>
      <Sample name="Icons alone, off and on">
        <div className="design-row">
          <IconButton name="Loop" keyName="Shift L">
            <icons.LoopIcon />
          </IconButton>
          <IconButton name="Loop" pressed>
            <icons.LoopIcon />
          </IconButton>
          <IconButton name="Star" className="star" pressed={false}>
            <icons.StarIcon />
          </IconButton>
          <IconButton name="Star" className="star" pressed>
            <icons.StarIcon />
          </IconButton>
        </div>
      </Sample>
      <Sample name="Chips">
        <div className="design-row">
          <button type="button" className="chip" aria-pressed={false}>
            Queued
          </button>
          <button type="button" className="chip" aria-pressed>
            Starred
          </button>
          <Menu label="Size" className="chip-menu" items={CHECKED}>
            Size <icons.DownIcon />
          </Menu>
          <Menu label="Tag: keeper" className="chip-menu chip-chosen" items={CHECKED}>
            keeper <icons.DownIcon />
          </Menu>
        </div>
      </Sample>
      <Sample name="Menu">
        <MenuList label="Menu" items={ITEMS} note="Kept until Dec 31, 2026" onChosen={ignore} />
      </Sample>
      <Sample name="Menu of choices">
        <MenuList label="Menu of choices" items={CHECKED} onChosen={ignore} />
      </Sample>
      <Sample name="Empty menu">
        <MenuList label="Empty menu" items={[]} note="No video has a tag yet." onChosen={ignore} />
      </Sample>
      <Sample name="Actions" stage>
        <FeaturedActions video={video('star', 'actions', { starred: true })} temporalUrl="http://localhost" canShare />
      </Sample>
      <Sample name="Icons">
        <div className="design-row">
          {Object.entries(icons).map(([name, Icon]) => (
            <Fragment key={name}>
              <Icon />
            </Fragment>
          ))}
        </div>
      </Sample>
    </>
  );
}
