/**
 * What a tar archive holds, as GNU's and busybox's tar write them: files, folders and links with names of any length.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar Interchange Format); long names as GNU tar has them.
 */
export interface TarMember {
  /** Without a leading `./` or `/` and without a slash at its end; empty for the folder that was packed. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'hard link';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** A file's bytes. */
  readonly data: Buffer;
  /** Where a link leads; of a hard link, the other's name as it stands there. */
  readonly target: string;
}

const BLOCK = 512;
const KINDS: Readonly<Record<string, TarMember['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hard link',
  '2': 'link',
  '5': 'folder',
};

/** Members in order; devices and the like are left out. Throws `RangeError` for what is no archive, or a broken one. */
export function readTar(archive: Buffer): readonly TarMember[] {
  const members: TarMember[] = [];
  let longName: string | undefined;
  let longTarget: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const text = (from: number, to: number): string => header.toString('utf8', from, to).replace(/\0.*$/s, '');
    const number = (from: number, to: number): number => Number.parseInt(text(from, to).trim() || '0', 8);
    const size = number(124, 136);
    if (header.toString('latin1', 257, 262) !== 'ustar' || !Number.isSafeInteger(size))
      throw new RangeError('not a header of a tar');
    const data = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (data.length < size) throw new RangeError('the archive ends early');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = header.toString('latin1', 156, 157);
    if (type === 'L') longName = data.toString('utf8').replace(/\0.*$/s, '');
    else if (type === 'K') longTarget = data.toString('utf8').replace(/\0.*$/s, '');
    else {
      const prefix = header.toString('latin1', 262, 265) === '\u000000' ? text(345, 500) : '';
      const name = longName ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`);
      const kind = KINDS[type];
      if (kind !== undefined)
        members.push({
          path: plain(name),
          kind,
          mode: number(100, 108) & 0o7777,
          uid: number(108, 116),
          gid: number(116, 124),
          data: kind === 'file' ? data : Buffer.alloc(0),
          target: longTarget ?? text(157, 257),
        });
      longName = longTarget = undefined;
    }
  }
  return members;
}

/** A member's name without what tells nothing. */
export const plain = (name: string): string =>
  name
    .replace(/^(?:\.?\/+)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');
