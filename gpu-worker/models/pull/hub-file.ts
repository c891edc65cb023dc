import { z } from 'zod';

const FOLDERS = 'scheduler|text_encoder|tokenizer|transformer|vae';
const NAME = String.raw`[A-Za-z0-9_][A-Za-z0-9._-]*`;

/**
 * A file of a repository, as a hub lists it and a folder's manifest keeps it. Both come from outside, and become paths:
 * nothing but this form does.
 */
export const hubFileSchema = z.object({
  /** Relative to the repository, with `/`. */
  path: z
    .string()
    .max(200)
    .regex(new RegExp(`^((${FOLDERS})/)?${NAME}$`), "is no name of a file of a pipeline in diffusers' layout"),
  size: z.int().min(0),
  /** What its bytes hash to: large files have a SHA-256, the others git's id of a blob. */
  checksum: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sha256'), value: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256') }),
    z.object({ kind: z.literal('git'), value: z.string().regex(/^[0-9a-f]{40}$/, "is no git's id of a file") }),
  ]),
});
export type HubFile = z.infer<typeof hubFileSchema>;

/** 40 hex digits. */
export const commitSchema = z.string().regex(/^[0-9a-f]{40}$/, 'must be a commit, 40 hex digits');
