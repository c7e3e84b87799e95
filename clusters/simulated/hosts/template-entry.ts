import type { Field } from './frames.ts';

/** One file, folder or link of a host's file system. */
export interface TemplateEntry {
  readonly kind: 'file' | 'folder' | 'link';
  readonly path: string;
  /** Permission bits; of no meaning for a link. */
  readonly mode: number;
  /** A file's bytes or a link's target. */
  readonly data: Uint8Array | string;
}

/** As `write_entry` of agent/host.pl takes it. */
export const entryFields = ({ kind, mode, path, data }: TemplateEntry): Field[] => [kind, mode.toString(8), path, data];
