import { createHash } from 'node:crypto';

/** A stand-in for the id of an image, which is the digest of its configuration: `sha256:` and 64 digits. */
export const imageIdOf = (reference: string): string =>
  `sha256:${createHash('sha256').update(`config ${reference}`).digest('hex')}`;

/** A stand-in for the digest of an image whose layers the lab does not have: `sha256:` and 64 digits, the same for the same name and tag. */
export const digestOf = (repository: string, tag: string): string =>
  `sha256:${createHash('sha256').update(`${repository}:${tag}`).digest('hex')}`;
