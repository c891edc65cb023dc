import type { ReactNode } from 'react';

const icon = (drawing: ReactNode) => () => (
  <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    {drawing}
  </svg>
);

export const PlayIcon = icon(
  <path
    className="filled-shape"
    d="M6.500 3.800v12.400a.6.6 0 0 0 .9.5l10-6.200a.6.6 0 0 0 0-1l-10-6.200a.6.6 0 0 0-.9.5Z"
  />,
);
export const PauseIcon = icon(<path className="filled-shape" d="M5.500 4h3v12h-3zm6 0h3v12h-3z" />);
export const StopIcon = icon(<path className="filled-shape" d="M5.500 5.500h9v9h-9z" />);
export const FrameBackIcon = icon(<path d="M5 4.500v11M15 5v10l-7-5z" />);
export const FrameForwardIcon = icon(<path d="M15 4.500v11M5 5v10l7-5z" />);
export const LoopIcon = icon(
  <path d="M4 9V8a2.500 2.500 0 0 1 2.500-2.500H16m-2.500-3 3 3-3 3M16 11v1a2.500 2.500 0 0 1-2.500 2.500H4m2.500-3-3 3 3 3" />,
);
export const CameraIcon = icon(
  <>
    <path d="M2.500 6.500h3.500l1.500-2h5l1.500 2h3.500v9.500h-15z" />
    <circle cx="10" cy="11" r="2.750" />
  </>,
);
export const FullscreenIcon = icon(
  <path d="M3.500 7.500v-4h4M12.500 3.500h4v4M16.500 12.500v4h-4M7.500 16.500h-4v-4" />,
);
export const MoreIcon = icon(
  <path
    className="filled-shape"
    d="M3 10a1.500 1.500 0 1 0 3 0 1.500 1.500 0 0 0-3 0m5.500 0a1.500 1.500 0 1 0 3 0 1.500 1.500 0 0 0-3 0m5.500 0a1.500 1.500 0 1 0 3 0 1.500 1.500 0 0 0-3 0"
  />,
);
export const DownIcon = icon(<path d="m5 7.500 5 5 5-5" />);
export const HelpIcon = icon(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="M8 8a2 2 0 1 1 2.600 1.900c-.4.1-.6.4-.6.8v.5M10 13.600v.1" />
  </>,
);
export const BellIcon = icon(
  <path d="M4.500 14.500h11c-1-1.200-1.500-2.500-1.500-4.500a4 4 0 0 0-8 0c0 2-.5 3.300-1.500 4.500ZM8.500 17h3" />,
);
export const DownloadIcon = icon(<path d="M10 3v9.500M6 9l4 4 4-4M3.500 16.500h13" />);
export const CopyIcon = icon(<path d="M7.500 7.500h9v9h-9zM12.500 7.500v-4h-9v9h4" />);
export const TerminalIcon = icon(<path d="m4 6 4 4-4 4M10 15h6.500" />);
export const SameSeedIcon = icon(
  <path d="M4 10a6 6 0 0 1 10.500-4L17 8M17 3.500V8h-4.500M16 10a6 6 0 0 1-10.500 4L3 12M3 16.500V12h4.500" />,
);
export const NewSeedIcon = icon(
  <path d="M3 6h3l8 8h3m-2.500-2.500L17 14l-2.500 2.500M3 14h3l2-2m4-4 2-2h3m-2.500-2.500L17 6l-2.500 2.500" />,
);
export const EditIcon = icon(
  <path d="m4 16 .8-3.500L13.500 3.800l2.700 2.700-8.700 8.700zM11.500 5.800l2.700 2.700" />,
);
export const DeleteIcon = icon(<path d="M3.500 5.500h13M8 5.500v-2h4v2m-7 0 .8 11h8.400l.8-11M8.500 8.500v5m3-5v5" />);
export const RetryIcon = icon(<path d="M4 10a6 6 0 1 0 2-4.500L4 7.500M4 3.500v4h4" />);
export const CloseIcon = icon(<path d="m5 5 10 10M15 5 5 15" />);
export const KeyIcon = icon(
  <path d="M9.500 10.500 16.500 3.500M14 6l2.500 2.500M10.500 13a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0Z" />,
);
export const OutsideIcon = icon(<path d="M8 4.500H4.500v11h11V12M11 3.500h5.500V9M16 4l-7 7" />);
export const VariationsIcon = icon(
  <path d="M3.500 3.500h5.500V9H3.500zm7.500 0h5.500V9H11zm-7.500 7.500h5.500v5.500H3.500zm7.500 0h5.500v5.500H11z" />,
);
export const ShareIcon = icon(<path d="M10 12.500V3M6.500 6 10 2.500 13.500 6M5.500 9h-1v8h11V9h-1" />);
/** Filled where it is on. */
export const StarIcon = icon(
  <path
    className="star-shape"
    d="m10 3.200 2.100 4.400 4.800.7-3.500 3.300.9 4.800-4.300-2.300-4.300 2.300.9-4.800-3.500-3.300 4.800-.7z"
  />,
);
export const SearchIcon = icon(
  <>
    <circle cx="9" cy="9" r="5" />
    <path d="m12.800 12.800 3.700 3.700" />
  </>,
);
export const TagIcon = icon(
  <>
    <path d="M3.500 3.500h6.200l6.800 6.800-6.200 6.200-6.800-6.800z" />
    <circle className="filled-shape" cx="7" cy="7" r="1.100" />
  </>,
);
export const CompareIcon = icon(<path d="M3.500 4.500h13v11h-13zM10 2.500v15" />);
export const CheckIcon = icon(<path d="m4 10.500 4 4 8-9" />);
