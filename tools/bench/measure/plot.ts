/** One line of a panel. */
export interface Series {
  name: string;
  /** In the order of x. */
  points: [x: number, y: number][];
}

/** One pair of axes, y from zero on. */
export interface Panel {
  /** Of the y axis. */
  unit: string;
  series: Series[];
}

/** How something grows, drawn into `docs/{id}.svg`. */
export interface Plot {
  id: string;
  title: string;
  /** What the x axis counts. */
  x: string;
  /** @default 'linear' */
  scale?: 'linear' | 'log';
  panels: Panel[];
}
