import type { ReactNode } from 'react';

/** Parts that belong together. @param id also its place in the page's address */
export const Group = ({ id, name, children }: { id: string; name: string; children: ReactNode }) => (
  <section id={id} className="design-group" aria-labelledby={`${id}-name`}>
    <h2 id={`${id}-name`}>{name}</h2>
    <div className="design-samples">{children}</div>
  </section>
);

interface SampleProps {
  name: string;
  /** It takes the whole width, and what it fixes to the window stays in it. */
  stage?: boolean;
  children: ReactNode;
}

/** A part in one state. */
export const Sample = ({ name, stage = false, children }: SampleProps) => (
  <figure className={stage ? 'design-sample design-stage' : 'design-sample'} aria-label={name}>
    <figcaption>{name}</figcaption>
    <div>{children}</div>
  </figure>
);
