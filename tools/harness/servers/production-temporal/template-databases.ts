import type { Store } from './server-config.ts';

/** Databases that those of each server are copies of, and the schemas that they have. */
export const TEMPLATES: Record<Store, string> = { default: 'template_temporal', visibility: 'template_visibility' };
export const SCHEMAS: Record<Store, string> = {
  default: 'postgresql/v12/temporal',
  visibility: 'postgresql/v12/visibility',
};
