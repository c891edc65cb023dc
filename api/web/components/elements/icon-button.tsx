interface Props extends React.ComponentProps<'button'> {
  name: string;
  /** The key that does the same. */
  keyName?: string;
  /** Of a switch. */
  pressed?: boolean;
}

/** A button that shows an icon alone, and says its name on hover and to screen readers. */
export const IconButton = ({ name, keyName, pressed, className = '', ...rest }: Props) => (
  <button
    type="button"
    className={`icon-only ${className}`.trim()}
    aria-label={name}
    title={keyName === undefined ? name : `${name} (${keyName})`}
    aria-pressed={pressed}
    {...rest}
  />
);
