import type { RequestHandler, Response } from 'express';

/** Who asks: set for every request below `/v1`, before any handler runs. */
export interface Viewer {
  /** Whose videos they see and make. */
  accountId: string;
  /** An operator: sees every account's videos, and the workers. */
  admin: boolean;
}

/** Of a server without keys: one user, to whom everything belongs. */
const SINGLE_USER: Viewer = { accountId: 'default', admin: true };

/** Finds out who asks. */
export const identify: RequestHandler = (_req, res, next) => {
  res.locals['viewer'] = SINGLE_USER;
  next();
};

/** Who asks, as {@link identify} found it. */
export const viewerOf = (res: Response): Viewer => res.locals['viewer'] as Viewer;
