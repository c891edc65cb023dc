import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Where what a page shows may come from beside this server. */
export interface PageSources {
  /** Pictures and videos. */
  media?: string[];
  /** The style sheet of a page that is whole by itself, as `'sha256-…'`: nothing but this, pictures and videos is taken then. */
  style?: string;
}

/** Headers of a page: everything comes from this server, scripts from files only. */
export const pageHeaders = ({ media = [], style }: PageSources): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: [style === undefined ? "'self'" : "'none'"],
        ...(style !== undefined && { styleSrc: [style] }),
        imgSrc: ["'self'", ...media],
        mediaSrc: ["'self'", ...media],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // Whether there is TLS, and for how long, is for the proxy in front to say.
    strictTransportSecurity: false,
    // Browsers ignore it without TLS, and say so in the console.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
