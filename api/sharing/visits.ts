import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { ObjectStore } from '../../storage/object-store.ts';
import { ApiError, toApiError } from '../errors/errors.ts';
import { AddressRate } from '../http/address-rate.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import { pageHeaders } from '../http/page-headers.ts';
import { sendFile } from '../videos/send-file.ts';
import { originOf } from './origin.ts';
import { failurePage, sharePage, STYLE_SOURCE } from './page.ts';
import { FileSettings } from './file-settings.ts';
import type { Sharing, Visit } from './sharing.ts';

/** For how long browsers may show what they have without asking, in seconds. */
const CACHED_S = 60;

/** The two files that a link gives, by their name below it. */
const FILES = { 'video.mp4': 'video', 'poster.webp': 'thumbnail' } as const;

interface VisitsDeps {
  /** Null where there are no keys: no link is good then. */
  sharing: Sharing | null;
  artefacts: ObjectStore;
  /** From one address, a minute. */
  limits: { visits: number; badLinks: number };
}

/** `/share`: what visitors of a link get without a key, which is a page, the video and its poster. */
export function visitRoutes({ sharing, artefacts, limits }: VisitsDeps): Router {
  const router = Router();
  const visits = new AddressRate('requests for shared videos', limits.visits);
  const settings = new FileSettings(artefacts);
  const badLinks = new AddressRate('links that do not work', limits.badLinks);

  /** @throws ApiError `share_not_found`, `rate_limit_exceeded`, `service_unavailable` */
  const visit = async (req: Request<{ link: string }>): Promise<Visit> => {
    await visits.count(req);
    try {
      if (sharing === null) throw new ApiError('share_not_found');
      return await sharing.visit(req.params.link);
    } catch (error) {
      if (toApiError(error).code === 'share_not_found') await badLinks.count(req);
      throw error;
    }
  };

  const showPage: RequestHandler<{ link: string }> = async (req, res) => {
    const { share, video } = await visit(req);
    const { link } = req.params;
    const page = `${originOf(req)}/share/${link}`;
    const below = (from: string) => ({ video: `${from}/video.mp4`, poster: `${from}/poster.webp` });
    const html = sharePage({
      video,
      showPrompt: share.showPrompt,
      expiresAt: share.expiresAt,
      // Relative, so that it works below a proxy's path too.
      files: below(req.path.endsWith('/') ? '.' : link),
      preview: { page, ...below(page) },
    });
    res.set('cache-control', cacheControl(share.expiresAt)).type('html').send(html);
  };

  const giveFile =
    (name: keyof typeof FILES): RequestHandler<{ link: string }> =>
    async (req, res) => {
      const { share, video, files } = await visit(req);
      const file = files[FILES[name]];
      const blank = name === 'video.mp4' && !share.showPrompt ? await settings.of(file) : null;
      const completedAt = video.completed_at;
      await sendFile(req, res, artefacts, {
        file,
        completedAt,
        fileName: name,
        cacheControl: cacheControl(share.expiresAt),
        blank,
      });
    };

  router.use('/share', pageHeaders({ style: STYLE_SOURCE }), (_req, res, next) => {
    res.setHeader('x-robots-tag', 'noindex');
    next();
  });
  router.route('/share/:link').get(showPage).all(methodNotAllowed('GET'));
  router.route('/share/:link/video.mp4').get(giveFile('video.mp4')).all(methodNotAllowed('GET'));
  router.route('/share/:link/poster.webp').get(giveFile('poster.webp')).all(methodNotAllowed('GET'));
  return router.use('/share', showFailure);
}

/** Not longer than the link is good. */
const cacheControl = (expiresAt: number) =>
  `private, max-age=${Math.max(0, Math.min(CACHED_S, Math.floor(expiresAt - Date.now() / 1000)))}`;

/** Of what people meet; what only programs meet is told as by the API. */
const FAILURES: Record<number, { title: string; message: string }> = {
  404: {
    title: 'There is no video here',
    message: 'This link does not work, or no longer. Ask the person who sent it for another one.',
  },
  429: { title: 'Too many requests', message: 'Too many requests came from your address. Try again in a minute.' },
  503: { title: 'Not available right now', message: 'The service cannot answer right now. Try again in a minute.' },
};

/** What was said of a file is not true of its failure. */
const OF_A_FILE = ['etag', 'last-modified', 'accept-ranges', 'content-disposition'];

const showFailure: ErrorRequestHandler = (error: unknown, req, res: Response, next) => {
  // The files were removed since the link was looked at.
  const found = toApiError(error);
  const answer = found.code === 'video_expired' ? new ApiError('share_not_found') : found;
  const failure = FAILURES[answer.status];
  if (failure === undefined || res.headersSent || !['GET', 'HEAD'].includes(req.method)) {
    next(error);
    return;
  }
  for (const name of OF_A_FILE) res.removeHeader(name);
  res.status(answer.status).set(answer.headers).set('cache-control', 'no-store');
  res.type('html').send(failurePage(failure.title, failure.message));
};
