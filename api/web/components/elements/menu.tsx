import {
  type ComponentProps,
  type ComponentType,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { CheckIcon } from './icons.tsx';
import './menu.css';

export interface MenuItem {
  name: string;
  icon?: ComponentType;
  /** The key that does the same. */
  keyName?: string;
  /** Opens this address in another tab; otherwise `run` is called. */
  href?: string;
  run?: () => void;
  danger?: boolean;
  /** One that is on or off. */
  checked?: boolean;
  /** Stands at its end. */
  note?: string;
}

interface Props {
  /** The button's name. */
  label: string;
  items: MenuItem[];
  /** Called before it opens, to load what it shows. */
  onOpen?: (() => void) | undefined;
  /** Stands below the items. */
  note?: string | undefined;
  /** The button's classes. */
  className?: string;
  children: ReactNode;
}

/**
 * A button that opens a menu (WAI-ARIA's menu button): arrows, Home, End and typing walk it, Escape and a click elsewhere
 * close it. The focus goes back to the button, before the chosen item runs.
 */
export function Menu({ label, items, onOpen, note, className, children }: Props) {
  const [open, setOpen] = useState(false);
  const [above, setAbove] = useState(false);
  /** It begins where the button begins, rather than ending where it ends. */
  const [aside, setAside] = useState(false);
  const root = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const entries = () => [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];

  const isEmpty = items.length === 0;
  useLayoutEffect(() => {
    if (!open || list.current === null) {
      setAbove(false);
      setAside(false);
      return;
    }
    const { bottom, left, right } = list.current.getBoundingClientRect();
    setAbove(bottom > innerHeight - 8);
    if (left < 8 || right > innerWidth - 8) setAside(true);
    (entries()[0] ?? list.current).focus({ preventScroll: true });
  }, [open, isEmpty]);
  useEffect(() => {
    if (!open) return;
    const closeOutside = ({ target }: Event) => {
      if (!root.current?.contains(target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('focusin', closeOutside);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('focusin', closeOutside);
    };
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  };
  const walk = (event: KeyboardEvent) => {
    const target = targetOf(event.key, entries());
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setOpen(false);
    else if (target !== undefined) target.focus();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span ref={root} className="menu-root">
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => {
          if (!open) onOpen?.();
          setOpen(!open);
        }}
      >
        {children}
      </button>
      {open && (
        <MenuList
          ref={list}
          label={label}
          items={items}
          note={note}
          onChosen={close}
          className={`${above ? 'menu-above' : ''} ${aside ? 'menu-aside' : ''}`}
          onKeyDown={walk}
        />
      )}
    </span>
  );
}

interface ListProps extends Omit<ComponentProps<'div'>, 'children'>, Pick<Props, 'label' | 'items' | 'note'> {
  /** Called before the chosen item runs. */
  onChosen: () => void;
}

/** What a menu button opens. While there is nothing to choose it is no menu. */
export const MenuList = ({ label, items, note, onChosen, className = '', ...rest }: ListProps) => (
  <div
    role={items.length > 0 ? 'menu' : 'group'}
    aria-label={label}
    tabIndex={-1}
    className={`menu ${className}`}
    {...rest}
  >
    {items.map((item) => (
      <Item key={item.name} item={item} close={onChosen} />
    ))}
    {note && <p className="menu-note">{note}</p>}
  </div>
);

function Item({
  item: { name, icon: Icon, keyName, href, run, danger, checked, note },
  close,
}: {
  item: MenuItem;
  close: () => void;
}) {
  const content = (
    <>
      {Icon && <Icon />}
      {checked !== undefined && <span className="menu-check">{checked && <CheckIcon />}</span>}
      <bdi>{name}</bdi>
      {note && <small className="numbers">{note}</small>}
      {keyName && <kbd aria-hidden="true">{keyName}</kbd>}
    </>
  );
  if (href !== undefined) {
    return (
      <a role="menuitem" tabIndex={-1} href={href} target="_blank" rel="noreferrer" onClick={close}>
        {content}
      </a>
    );
  }
  const choose = () => {
    close();
    run?.();
  };
  return (
    <button
      type="button"
      role={checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
      aria-checked={checked}
      tabIndex={-1}
      className={danger ? 'menu-danger' : undefined}
      onClick={choose}
    >
      {content}
    </button>
  );
}

/** The entry that a key moves to; undefined for other keys. */
function targetOf(key: string, entries: HTMLElement[]): HTMLElement | undefined {
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const after = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
  if (key === 'ArrowDown') return after[0];
  if (key === 'ArrowUp') return entries.at(at - 1);
  if (key === 'Home') return entries[0];
  if (key === 'End') return entries.at(-1);
  if (key.length !== 1 || key === ' ') return undefined;
  return after.find(({ textContent }) => textContent.toLowerCase().startsWith(key.toLowerCase()));
}
