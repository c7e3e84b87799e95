import { type AptCall, fail } from './apt-context.ts';
import { rowOf } from './apt-lists.ts';
import { DpkgStatus } from './dpkg-status.ts';

/** `apt-mark hold`: keeps a package as it is. */
export const hold = (call: AptCall): Promise<number> => mark(call, true);

export const unhold = (call: AptCall): Promise<number> => mark(call, false);

async function mark({ host, call, words }: AptCall, isHeld: boolean): Promise<number> {
  const status = await DpkgStatus.read(host);
  const missing = words.find((name) => status.version(name) === undefined && rowOf(name) === undefined);
  if (missing !== undefined) return fail(call, `Unable to locate package ${missing}`, 'No packages found');
  for (const name of words) {
    if (status.isHeld(name) === isHeld)
      await call.stdout(`${name} was already ${isHeld ? 'set on hold' : 'not on hold'}.\n`);
    else {
      status.hold(name, isHeld);
      await call.stdout(isHeld ? `${name} set on hold.\n` : `Canceled hold on ${name}.\n`);
    }
  }
  await status.write();
  return 0;
}

/** `apt-mark showhold`. */
export async function showHold({ host, call, words }: AptCall): Promise<number> {
  const status = await DpkgStatus.read(host);
  const names = status.names.filter((name) => status.isHeld(name) && (words.length === 0 || words.includes(name)));
  await call.stdout(names.map((name) => `${name}\n`).join(''));
  return 0;
}
