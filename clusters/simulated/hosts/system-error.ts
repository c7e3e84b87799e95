import { getSystemErrorMap } from 'node:util';

/** An error like Node's own, with `code` and `errno`, from an error number of the system; 0 is no system error. */
export function systemError(errno: number, what: string): Error {
  const [code, description] = getSystemErrorMap().get(-errno) ?? [];
  if (code === undefined) return new Error(what.trim());
  return Object.assign(new Error(`${code}: ${description ?? ''}, ${what}`), { code, errno: -errno });
}
