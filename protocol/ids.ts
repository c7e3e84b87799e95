import { z } from 'zod';

/** Names one running lab: ten characters, safe in URLs, DNS labels and file names. */
export const LabId = z
  .string()
  .regex(/^[a-z][a-z0-9]{9}$/, 'a lab id is ten lower-case letters and digits')
  .brand<'LabId'>();
export type LabId = z.infer<typeof LabId>;

/** Names one terminal tab of a lab; the browser picks it, so that a reload finds its shell again. */
export const TerminalId = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'a terminal id is up to 40 lower-case letters, digits and dashes')
  .brand<'TerminalId'>();
export type TerminalId = z.infer<typeof TerminalId>;

/** Makes a lab id from ten random bytes or more. Ids and randomness are passed in, so tests can fix them. */
export function labIdFrom(randomBytes: Uint8Array): LabId {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const letters = Array.from(randomBytes.subarray(0, 10), (byte, i) => alphabet[byte % (i === 0 ? 26 : 36)] ?? 'a');
  return LabId.parse(letters.join(''));
}
